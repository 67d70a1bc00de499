//! Sizes, checked before memory is taken.

use ndarray::Array3;

use super::memory::ask_for_huge_pages;
use crate::error::{Error, Result};

/// The bytes of an array of this shape.
///
/// # Errors
///
/// A product that no address space holds; zero-length axes do not excuse the others.
pub(crate) fn bytes(subject: &str, shape: [usize; 3], element: usize) -> Result<usize> {
    let limit = isize::MAX as u128;
    let bytes = shape
        .iter()
        .try_fold(element as u128, |product, &n| product.checked_mul(n.max(1) as u128))
        .unwrap_or(u128::MAX);
    if bytes > limit {
        let problem = "more than a program can address";
        return Err(Error::TooLarge { subject: subject.to_owned(), bytes, problem });
    }
    Ok(shape.iter().product::<usize>() * element)
}

/// Asks the system for so many bytes, and gives them back: a vector that cannot be allocated aborts
/// the program.
///
/// # Errors
///
/// The system refuses.
pub(crate) fn ask(subject: &str, bytes: usize) -> Result<()> {
    match Vec::<u8>::new().try_reserve_exact(bytes) {
        Ok(()) => Ok(()),
        Err(_) => Err(Error::TooLarge {
            subject: subject.to_owned(),
            bytes: bytes as u128,
            problem: "more than the system gives",
        }),
    }
}

/// A batch of this shape, every value `fill`.
///
/// # Errors
///
/// A size that cannot be addressed, or that the system refuses.
pub(crate) fn filled<T: Copy>(subject: &str, shape: [usize; 3], fill: T) -> Result<Array3<T>> {
    let bytes = bytes(subject, shape, size_of::<T>())?;
    let length = bytes / size_of::<T>().max(1);
    // Then the vector asks again, because zeros from the system need not be written.
    ask(subject, bytes)?;
    let values = vec![fill; length];
    ask_for_huge_pages(&values);
    Ok(Array3::from_shape_vec(shape, values).expect("the length is the shape's"))
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn products_are_checked_even_beside_a_zero() {
        assert_eq!(bytes("x", [2, 3, 4], 8).unwrap(), 192);
        assert_eq!(bytes("x", [0, 3, 4], 8).unwrap(), 0);
        assert!(bytes("x", [0, usize::MAX, 4], 8).is_err());
        assert!(bytes("x", [usize::MAX, usize::MAX, usize::MAX], 8).is_err());
        assert!(bytes("x", [1 << 60, 1, 1], 8).is_err());
        assert!(bytes("x", [1 << 59, 1, 1], 8).is_ok());
    }
}

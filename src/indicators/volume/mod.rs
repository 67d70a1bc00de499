//! What volume says of the price.

use super::Group;
use crate::kernel::row;

mod obv;

pub(super) const GROUP: Group =
    Group { name: "Volume Indicators", rows: &[row::<obv::Obv, _, _, _>()] };

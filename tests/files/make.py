"""Makes the files here: run with numpy 2.4.6 and safetensors 0.8.0, as `python make.py`.

Every file holds x[i, j, k] = 12 i + 4 j + k - 5, shape (2, 3, 4), in some way that others write it;
tests/formats.rs names them.
"""

import os

import numpy as np
from safetensors.numpy import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))
x = np.arange(24).reshape(2, 3, 4) - 5

for dtype in ["<f4", ">f4", "<f8", ">f8", "<f2", ">f2", "<i8", ">i4", "<i2", "|i1"]:
    name = {"<": "little", ">": "big", "|": "byte"}[dtype[0]] + "_" + dtype[1:]
    np.save(f"{name}.npy", x.astype(dtype))
for dtype in ["|u1", "<u2", ">u4", "<u8"]:
    name = {"<": "little", ">": "big", "|": "byte"}[dtype[0]] + "_" + dtype[1:]
    np.save(f"{name}.npy", (x + 5).astype(dtype))
np.save("fortran.npy", np.asfortranarray(x.astype("<f4")))
np.save("fortran_big.npy", np.asfortranarray(x.astype(">f8")))
np.save("two_axes.npy", x[1].astype("<f4"))
np.save("two_axes_fortran.npy", np.asfortranarray(x[1].astype("<f4")))
y = x.astype("<f4")
np.savez("stored.npz", x=y, other=np.float32(1))
np.savez_compressed("deflated.npz", x=y, other=np.float32(1))
np.savez("single.npz", x.astype(">f8"))
np.savez("fortran.npz", x=np.asfortranarray(y))
np.savez_compressed("fortran_deflated.npz", x=np.asfortranarray(y))
save_file({"features": y, "other": np.zeros(3)}, "two.safetensors", metadata={"by": "hand"})
save_file({"x": x.astype("<i4")}, "one.safetensors")

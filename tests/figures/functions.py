"""Writes functions.txt: functions of random numbers, correctly rounded, by mpmath with 300 bits.

    pip install mpmath==1.3.0
    python functions.py > functions.txt

A line: name, bits of x, bits of the double nearest to the function's value.
"""

import random
import struct

import mpmath

mpmath.mp.prec = 300
random.seed(20261124)


def bits(x):
    return f"{struct.unpack('<Q', struct.pack('<d', x))[0]:016x}"


def sized(low, high):
    """Of every size: the exponent is what is random."""
    return lambda: random.choice([-1, 1]) * random.uniform(1, 2) * 2.0 ** random.randint(low, high)


def between(low, high):
    return lambda: random.uniform(low, high)


def near_quarters():
    return float(random.randint(0, 600000) * mpmath.pi / 2) + random.choice([0, 1e-12, -1e-7])


positive = [lambda: abs(sized(-1060, 1020)()), between(0.5, 2), between(0.99, 1.01), between(0, 1e5)]
angles = [sized(-40, 19), between(-7, 7), near_quarters, between(-1e6, 1e6)]
within = [sized(-40, -2), between(-1, 1), lambda: 1 - abs(sized(-50, -5)()), between(-0.6, 0.6)]
hyperbolic = [sized(-40, 8), between(-2, 2), between(-25, 25), between(-700, 700)]
functions = {
    "ln": (mpmath.log, positive),
    "log10": (mpmath.log10, positive),
    "exp": (mpmath.exp, [sized(-40, 8), between(-1, 1), between(-708, 709), between(-40, 40)]),
    "sin": (mpmath.sin, angles),
    "cos": (mpmath.cos, angles),
    "tan": (mpmath.tan, angles),
    "asin": (mpmath.asin, within),
    "acos": (mpmath.acos, within),
    "atan": (mpmath.atan, [sized(-40, 60), between(-1, 1), between(-3, 3), between(-100, 100)]),
    "sinh": (mpmath.sinh, hyperbolic),
    "cosh": (mpmath.cosh, hyperbolic),
    "tanh": (mpmath.tanh, hyperbolic),
    "ln_1p": (mpmath.log1p, [sized(-60, -1), between(-0.99, 0.99), *positive]),
}
for name, (function, inputs) in functions.items():
    for draw in inputs:
        for _ in range(64):
            x = draw()
            print(name, bits(x), bits(float(function(mpmath.mpf(x)))))

"""Times products of float32 matrices with the OpenBLAS of this machine, or numpy's where there is one.

Takes the number of threads and sizes as M,K,N; prints a line of JSON: the library and the milliseconds of each, the
median of 20 after 3 that are not counted; or why there is none.
"""

import ctypes
import ctypes.util
import json
import os
import sys
import time

threads, sizes = int(sys.argv[1]), [tuple(map(int, size.split(","))) for size in sys.argv[2:]]
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = str(threads)  # read when the library is loaded


def with_numpy():
    import numpy

    def product(m, k, n):
        left, right = (numpy.random.rand(*shape).astype("float32") for shape in ((m, k), (k, n)))
        output = numpy.empty((m, n), "float32")
        return lambda: numpy.matmul(left, right, out=output)

    return f"numpy {numpy.__version__}", product


def with_openblas():
    library = ctypes.CDLL(ctypes.util.find_library("openblas") or "libopenblas.so.0")
    sgemm = library.cblas_sgemm
    sgemm.argtypes = [ctypes.c_int] * 6 + [ctypes.c_float, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    sgemm.argtypes += [ctypes.c_int, ctypes.c_float, ctypes.c_void_p, ctypes.c_int]
    library.openblas_get_config.restype = ctypes.c_char_p
    rows_first, as_is = 101, 111

    def product(m, k, n):
        left, right, output = ((ctypes.c_float * count)(*([0.5] * count)) for count in (m * k, k * n, m * n))
        return lambda: sgemm(rows_first, as_is, as_is, m, n, k, 1.0, left, k, right, n, 0.0, output, n)

    return " ".join(library.openblas_get_config().decode().split()[:2]), product


def milliseconds(work):
    times = []
    for _ in range(23):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1e3)
    return sorted(times[3:])[10]


try:
    library, product = with_numpy()
except ImportError:
    try:
        library, product = with_openblas()
    except OSError as error:
        print(json.dumps({"missing": f"neither numpy nor OpenBLAS: {error}"}))
        sys.exit()
print(json.dumps({"library": library, "milliseconds": [milliseconds(product(*size)) for size in sizes]}))

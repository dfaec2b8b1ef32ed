"""One BLAS thread, asked for before numpy is first imported, so that sums come in one order.

Has no effect where numpy was imported earlier; such a process sets the variables itself.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

ONE_THREAD = True

#ifndef PEFTKIT_CBLAS_SHIM_H
#define PEFTKIT_CBLAS_SHIM_H

#include <cblas.h>
#include <lapacke.h>

// Declared here as well because another BLAS may own the cblas.h that the include path finds first.
void openblas_set_num_threads(int count);

#endif

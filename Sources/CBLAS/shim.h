#ifndef PEFTKIT_CBLAS_SHIM_H
#define PEFTKIT_CBLAS_SHIM_H

#include <cblas.h>
#include <lapacke.h>

#endif

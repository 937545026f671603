#include "Elementwise.h"
#include "Activation.h"
#include "Norm.h"
#include "Softmax.h"

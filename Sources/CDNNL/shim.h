#include <oneapi/dnnl/dnnl.h>

// Debian builds oneDNN with GNU OpenMP, whose header is part of the compiler. These two get and set the number of
// threads for calls from the current thread.
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

#include <oneapi/dnnl/dnnl.h>

// Debian builds oneDNN over GNU's OpenMP, whose header belongs to a compiler. These two say how many threads a call from
// this thread takes.
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

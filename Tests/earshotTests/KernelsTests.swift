import Testing

@testable import earshot

/// Which of OpenBLAS's kernels a processor that it does not know is given.
@Suite struct KernelsTests {
  @Test(arguments: [
    ("flags\t\t: fpu sse2 avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl", "SkylakeX"),
    ("flags\t\t: fpu sse2 avx avx2 fma avx512f", "Haswell"), ("flags\t\t: fpu sse2 avx", nil), ("", nil),
  ])
  func theBestThatItCanRun(_ flags: String, _ expected: String?) {
    #expect(Kernels.best(for: "processor\t: 0\nmodel name\t: New\n\(flags)\nbugs\t\t: avx2 fma\n") == expected)
  }
}

import Foundation
import Statistics

/// The kernels with which OpenBLAS multiplies matrices.
///
/// It brings some for each processor, but an OpenBLAS that is older than the processor does not know it and takes the oldest
/// of them, five times slower. What it takes instead has to be said before it is loaded, so the program starts itself
/// once more.
enum Kernels {
  /// The variable by which OpenBLAS is told.
  private static let variable = "OPENBLAS_CORETYPE"

  /// Starts the program anew where OpenBLAS took the oldest kernels and the processor can do better, unless the
  /// environment already says which to take. Returns where there is nothing to mend, or it could not be.
  static func takeBest() {
    guard getenv(variable) == nil, DenseMatrix.kernels == "Prescott",
      let processor = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8), let best = best(for: processor),
      let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    else { return }
    setenv(variable, best, 1)
    execv(program, CommandLine.unsafeArgv)
  }

  /// OpenBLAS's name of the kernels for a processor, by what Linux tells of it; nil where the oldest are right.
  static func best(for processor: String) -> String? {
    let line = processor.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    let flags = Set(line.split { $0 == " " || $0 == "\t" || $0 == ":" })
    if flags.isSuperset(of: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]) { return "SkylakeX" }
    return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
  }
}

import ArgumentParser
import Foundation
import Statistics

/// The kernels with which OpenBLAS multiplies matrices.
///
/// It brings some for each processor, but an OpenBLAS that is older than the processor does not know it and takes the oldest
/// of them, five times slower. What it takes instead has to be said before it is loaded, so the program starts itself
/// once more: in the commands that multiply large matrices, as loading everything twice costs the others more than it gains.
enum Kernels {
  /// The variable by which OpenBLAS is told.
  private static let variable = "OPENBLAS_CORETYPE"

  /// The commands whose time goes into matrices.
  private static let hungry: [any ParsableCommand.Type] = [
    AnalyzeCommand.self, PowerCommand.self, MapCommand.self, TrainCommand.self, RankCommand.self, EvaluateCommand.self,
  ]

  /// Starts the program anew, if the command gains by it, where OpenBLAS took the oldest kernels and the processor can do better, unless the
  /// environment already says which to take. Returns where there is nothing to mend, or it could not be.
  static func takeBest(for command: any ParsableCommand) {
    guard hungry.contains(where: { $0 == type(of: command) }), getenv(variable) == nil,
      DenseMatrix.kernels == "Prescott",
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

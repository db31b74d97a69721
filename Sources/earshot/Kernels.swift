import ArgumentParser
import Foundation
import Statistics

/// The kernels with which OpenBLAS multiplies matrices.
///
/// It has kernels for each processor, but an OpenBLAS that is older than the processor does not know it and uses the oldest
/// kernels, which are five times slower. The choice must be made before it is loaded, so the program starts itself again.
/// It does so only in commands that multiply large matrices; for the others, loading everything twice costs more than it gains.
enum Kernels {
  /// The environment variable that sets OpenBLAS's kernels.
  private static let variable = "OPENBLAS_CORETYPE"

  /// The commands that spend their time on matrices.
  private static let hungry: [any ParsableCommand.Type] = [
    AnalyzeCommand.self, PowerCommand.self, MapCommand.self, TrainCommand.self, RankCommand.self, EvaluateCommand.self,
  ]

  /// Starts the program again if the command benefits, OpenBLAS took the oldest kernels, the processor can do better, and the
  /// environment does not already choose. Returns if there is nothing to change, or if the restart failed.
  static func takeBest(for command: any ParsableCommand) {
    guard hungry.contains(where: { $0 == type(of: command) }), getenv(variable) == nil,
      BLAS.kernels == "Prescott",
      let processor = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8), let best = best(for: processor),
      let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    else { return }
    setenv(variable, best, 1)
    execv(program, CommandLine.unsafeArgv)
  }

  /// OpenBLAS's name of the kernels for a processor, as described by Linux; nil if the oldest are right.
  static func best(for processor: String) -> String? {
    let line = processor.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    let flags = Set(line.split { $0 == " " || $0 == "\t" || $0 == ":" })
    if flags.isSuperset(of: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]) { return "SkylakeX" }
    return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
  }
}

import Basics
import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Outside data corrupted at random, through the public readers: each reads it or reports a problem, and none crashes,
/// hangs or uses up the memory. The draws come from a seed, so that findings can be reproduced.
///
/// The gate tries a few of each. `make fuzz` tries many, and lets libFuzzer find what random draws miss. The latest
/// input is in `fuzz-NAME` of the temporary folder, and stays there if the process dies.
@Suite("Corrupted input", .serialized)
struct FuzzTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  private static let rounds = number("EARSHOT_FUZZ_ROUNDS") ?? 60
  private static let seed = UInt64(number("EARSHOT_FUZZ_SEED") ?? 1)

  @Test("corrupted input is read, or refused with a reason")
  func spoilt() throws {
    let folder = try TemporaryFolder()
    for target in try FuzzTarget.all(in: folder.url) {
      let url = folder.url.appending(path: target.file)
      let last = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(target.name)")
      var random = SeededRandom(seed: Self.seed, target.name)
      for round in 0..<target.weight * Self.rounds {
        let spoilt = Spoiler.spoil(target.seeds[round % target.seeds.count], others: target.seeds, &random)
        try spoilt.write(to: url)
        try spoilt.write(to: last)
        do { try target.read(url) } catch  where error is Problem || error is Problems {} catch {
          Issue.record("\(target.name), seed \(Self.seed), round \(round): \(error)")
        }
      }
      try? FileManager.default.removeItem(at: last)
    }
  }
}

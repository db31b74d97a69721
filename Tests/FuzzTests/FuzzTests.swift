import Basics
import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What comes from outside, spoilt at random, through the public readers: each tells what is wrong or reads it, and none
/// traps, hangs or takes the memory. The draws come from a seed, so that what is found is found again.
///
/// The gate tries a few of each; `make fuzz` tries many, and lets libFuzzer look for what no draw comes upon. What was tried
/// last lies in `fuzz-NAME` of the temporary folder, which is left where the process ends.
@Suite("Spoilt input", .serialized)
struct FuzzTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  private static let rounds = number("EARSHOT_FUZZ_ROUNDS") ?? 60
  private static let seed = UInt64(number("EARSHOT_FUZZ_SEED") ?? 1)

  @Test("is read, or refused with its reason")
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

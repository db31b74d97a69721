// Times the resampling statistics on tables that `peers.py` writes, and prints seconds and estimates as JSON. Each
// folder has one table: `ratings.csv` (a row per listener) and `systems.csv` (a row per system), numbers without a
// header.
import Foundation
import Statistics

func numbers(_ url: URL) throws -> [[Double]] {
  try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    .map { $0.split(separator: ",").compactMap { Double($0) } }
}

struct Timing: Codable {
  /// Wall-clock time, and processor time over all cores.
  var seconds: Double, processor: Double
  var estimate: [Double]
}

func processorSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}

func time(_ statistic: some CrossedStatistic, _ bootstrap: CrossedBootstrap) -> Timing {
  let start = ContinuousClock.now, processor = processorSeconds()
  let result = bootstrap.run(statistic)
  let elapsed = (ContinuousClock.now - start).components
  return Timing(
    seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18,
    processor: processorSeconds() - processor, estimate: result.estimate)
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let resamples = Int(arguments[2]) else {
  print("usage: StatisticsBench FOLDER RESAMPLES")
  exit(2)
}
let folder = URL(filePath: arguments[1])
let ratings = try numbers(folder.appending(path: "ratings.csv"))
let systems = try numbers(folder.appending(path: "systems.csv"))
let table = UnitRatings(ratings.map { $0.map { Optional($0) } })
let bootstrap = CrossedBootstrap(listeners: table.raters, queries: table.units, resamples: resamples, seed: 1)
let timings = [
  "consensus": time(PooledAgreement(table, systems: systems, figures: [.consensus]), bootstrap),
  "ceilings": time(PooledAgreement(table, systems: [], figures: [.ceilings]), bootstrap),
  "alpha": time(KrippendorffAlpha(table, .interval), bootstrap),
  "everything": time(PooledAgreement(table, systems: systems, figures: [.individual, .ceilings]), bootstrap),
]
let encoder = JSONEncoder()
encoder.outputFormatting = [.sortedKeys]
print(String(decoding: try encoder.encode(timings), as: UTF8.self))

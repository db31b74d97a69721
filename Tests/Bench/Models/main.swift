// Times a mixed model on a table that `peers.R` writes (participant, query, system, distance, rating; with a header).
// Prints seconds, log-likelihood and one effect: of distance, or of the second of several systems.
import Foundation
import Statistics

guard CommandLine.arguments.count == 3, let reml = Bool(CommandLine.arguments[2]) else {
  print("usage: ModelsBench TABLE true|false (whether by REML)")
  exit(2)
}
var rating: [Double] = [], distance: [Double] = [], system: [Int] = [], participant: [Int] = [], query: [Int] = []
for line in try Data(contentsOf: URL(filePath: CommandLine.arguments[1])).split(separator: UInt8(ascii: "\n"))
  .dropFirst()
{
  let row = line.split(separator: UInt8(ascii: ",")).compactMap { Double(String(decoding: $0, as: UTF8.self)) }
  participant.append(Int(row[0]) - 1)
  query.append(Int(row[1]) - 1)
  system.append(Int(row[2]) - 1)
  distance.append(row[3])
  rating.append(row[4])
}
let start = ContinuousClock.now
let systems = 1 + (system.max() ?? 0)
let ofSystems = (1..<max(1, systems)).map { other in
  Predictor("system \(other + 1)", system.map { $0 == other ? 1 : 0 })
}
let slopes = ofSystems.isEmpty ? [Predictor("distance", distance)] : ofSystems
let model = try LinearMixedModel(
  rating, fixed: slopes,
  random: [
    .init("participant", levels: participant, slopes: slopes), .init("query", levels: query, slopes: ofSystems),
  ], by: reml ? .reml : .ml)
let elapsed = (ContinuousClock.now - start).components
print(
  Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18, model.logLikelihood, model.fixed[1].value,
  model.converged)

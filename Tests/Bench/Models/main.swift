// Times a mixed model on a table that `peers.R` writes (participant, query, distance, rating; a header) and prints
// seconds, log-likelihood and the effect of distance.
import Foundation
import Statistics

guard CommandLine.arguments.count == 3, let reml = Bool(CommandLine.arguments[2]) else {
  print("usage: ModelsBench TABLE true|false (whether by REML)")
  exit(2)
}
var rating: [Double] = [], distance: [Double] = [], participant: [Int] = [], query: [Int] = []
for line in try Data(contentsOf: URL(filePath: CommandLine.arguments[1])).split(separator: UInt8(ascii: "\n"))
  .dropFirst()
{
  let row = line.split(separator: UInt8(ascii: ",")).compactMap { Double(String(decoding: $0, as: UTF8.self)) }
  participant.append(Int(row[0]) - 1)
  query.append(Int(row[1]) - 1)
  distance.append(row[2])
  rating.append(row[3])
}
let start = ContinuousClock.now
let column = Predictor("distance", distance)
let model = try LinearMixedModel(
  rating, fixed: [column],
  random: [.init("participant", levels: participant, slopes: [column]), .init("query", levels: query)],
  by: reml ? .reml : .ml)
let elapsed = (ContinuousClock.now - start).components
print(
  Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18, model.logLikelihood, model.fixed[1].value,
  model.converged)

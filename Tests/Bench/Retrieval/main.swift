// Earshot's part of the retrieval benchmark. `peers.py` runs it, provides the data and times the peers. Prints JSON:
// the shortest time of several rounds in seconds, and values to compare with the peers' results.
import Basics
import Foundation
import Neural
import Retrieval
import Sound

/// The shortest time of several rounds, in seconds.
func best(of rounds: Int = 7, _ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try (0..<rounds).map { _ in
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
  }.min() ?? 0
}

/// The processor time of all threads so far, in seconds.
func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

func floats(_ path: String) throws -> [Float] {
  let data = try Data(contentsOf: URL(filePath: path))
  return [Float](unsafeUninitializedCapacity: data.count / 4) { buffer, count in
    count = data.copyBytes(to: buffer) / 4
  }
}

func report(_ values: [String: Any]) throws {
  print(String(decoding: try JSONSerialization.data(withJSONObject: values, options: .sortedKeys), as: UTF8.self))
}

/// Times the models on the images of `network.json` in the folder, as `analysis/oracles/network.py` writes them, and
/// reports the largest difference from its embeddings.
func encode(_ folder: String) throws {
  struct Answer: Decodable {
    var model: String
    var frames: Int
    var image_hundredths: [Int]
    var hit: [Double]
  }
  let home = URL(filePath: folder)
  let answers = try JSONDecoder().decode([Answer].self, from: Data(contentsOf: home.appending(path: "network.json")))
  var figures: [String: Any] = [:]
  var difference = 0.0
  for answer in answers {
    let model = try ModelFile.read(home.appending(path: "network-\(answer.model).safetensors"))
    let encoder = model.encoder(.hit, for: "kick")
    let image = LogMel.Image(
      mels: model.configuration.mel.mels, frames: answer.frames, values: answer.image_hundredths.map { Float($0) / 100 }
    )
    for (a, b) in zip(encoder.embedding(of: image), answer.hit) { difference = max(difference, abs(Double(a) - b)) }
    let images = [LogMel.Image](repeating: image, count: 32)
    figures["one \(answer.frames)"] = best(of: 20) { for image in images { _ = encoder.embedding(of: image) } } / 32
    figures["all \(answer.frames)"] = best(of: 20) { _ = encoder.embeddings(of: images) } / 32
  }
  figures["difference"] = difference
  try report(figures)
}

/// Times the log-mel image of the samples in a file, and writes it beside the file.
func logMel(_ folder: String, _ settings: LogMel.Settings) throws {
  let samples = try floats("\(folder)/samples.f32")
  let mel = LogMel(settings)
  let seconds = best(of: 15) { _ = mel.features(of: samples) }
  try mel.features(of: samples).values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: "\(folder)/image.f32"))
  try report(["seconds": seconds])
}

func search(_ folder: String, dimensions: Int, k: Int) throws {
  let index = VectorIndex(dimensions: dimensions, vectors: try floats("\(folder)/vectors.f32"))
  let queries = try floats("\(folder)/queries.f32")
  let before = processorTime()
  let seconds = best(of: 3) { _ = index.nearest(k, to: queries) }
  try report([
    "seconds": seconds, "processor": (processorTime() - before) / 3,
    "places": index.nearest(k, to: queries).map { $0.map(\.place) },
  ])
}

/// Times a ranking of one-shots made of noise: loading the model, and ranking the one-shots for mixes that were not
/// heard before.
func rank(_ folder: String, model: String, count: Int) throws {
  let home = URL(filePath: folder)
  func sound(_ name: String, seconds: Double, decay: Float) throws -> URL {
    var random = SeededRandom(seed: 1, name)
    let samples = (0..<Int(seconds * 44100)).map { Float(random.normal()) * 0.2 * expf(-decay * Float($0) / 44100) }
    let file = home.appending(path: "\(name).flac")
    try AudioFile.write(Clip(mono: samples, sampleRate: 44100), to: file, as: .flac16)
    return file
  }
  let candidates = try (0..<count).map { i in
    Candidate(id: "\(i)", condition: "kick", file: try sound("hit\(i)", seconds: 0.4, decay: Float(i % 20 + 4)))
  }
  let mixes = try (0..<5).map { try sound("mix\($0)", seconds: 8, decay: 0) }
  let store = FeatureStore(folder: home.appending(path: "features"))
  let clock = ContinuousClock()
  let began = clock.now
  _ = try ModelSystem(try ModelFile.read(URL(filePath: model))).encode(candidates, features: store)
  let encoding = (clock.now - began) / .seconds(1)
  let times = try mixes.map { mix in
    let start = clock.now
    let system = ModelSystem(try ModelFile.read(URL(filePath: model)))
    let catalogue = Catalogue(
      candidates: candidates, queries: [Query(id: "mix", condition: "kick", file: mix)])
    _ = try system.rank(catalogue, features: store)
    return (clock.now - start) / .seconds(1)
  }
  try report(["encoding": encoding, "median": times.sorted()[times.count / 2], "best": times.min() ?? 0])
}

let words = CommandLine.arguments.dropFirst()
switch (words.first, words.dropFirst().map { $0 }) {
case ("encode", let rest) where rest.count == 1: try encode(rest[0])
case ("logmel", let rest) where rest.count == 4:
  guard let size = Int(rest[1]), let hop = Int(rest[2]), let mels = Int(rest[3]) else { exit(2) }
  try logMel(
    rest[0],
    .init(
      size: size, hop: hop, mels: mels, low: 20, high: 18000, unitArea: true, fillsNarrow: false, normalisation: .none,
      compression: .floor, constant: 1e-5))
case ("search", let rest) where rest.count == 3:
  guard let dimensions = Int(rest[1]), let k = Int(rest[2]) else { exit(2) }
  try search(rest[0], dimensions: dimensions, k: k)
case ("rank", let rest) where rest.count == 3:
  guard let count = Int(rest[2]) else { exit(2) }
  try rank(rest[0], model: rest[1], count: count)
default:
  print(
    "usage: RetrievalBench encode FOLDER | logmel FOLDER SIZE HOP MELS | search FOLDER DIMENSIONS K | rank FOLDER MODEL COUNT"
  )
  exit(2)
}

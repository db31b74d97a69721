import Basics
import Foundation
import Neural
import Testing

@Suite("Model files")
struct ModelFileTests {
  private func expectProblem(_ words: String, _ body: () throws -> Void) {
    do {
      try body()
      Issue.record("no problem that tells of '\(words)'")
    } catch let problem as Problem {
      #expect(problem.what.contains(words), "\(problem)")
      #expect(!problem.mend.isEmpty && problem.place?.file == "m.safetensors", "\(problem)")
    } catch { Issue.record(error) }
  }

  /// A file with this header, followed by `bytes` bytes of numbers.
  private func file(_ header: String, bytes: Int = 0) -> Data {
    var data = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    return data + Data(header.utf8) + Data(count: bytes)
  }

  @Test("what is written reads back the same, bit by bit", arguments: ModelConfiguration.Kind.allCases)
  func roundTrip(kind: ModelConfiguration.Kind) throws {
    let model = try MadeModel.model(kind)
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try ModelFile.write(model, to: url)
    let read = try ModelFile.read(url)
    #expect(read.configuration == model.configuration && read.masks == model.masks && read.networks == model.networks)
    #expect(try ModelFile.encode(read) == Data(contentsOf: url))
    #expect(read.networks.keys.sorted() == (kind == .perClass ? ["hihat", "kick", "snare"] : ["shared"]))
    // With windows the file has another format, which older programs refuse.
    let windowed = try MadeModel.model(kind, window: .init(frames: 4, hop: 2))
    let data = try ModelFile.encode(windowed)
    #expect(try ModelFile.decode(data, file: "m.safetensors").configuration == windowed.configuration)
    #expect(try SafeTensors(data, file: "m.safetensors").metadata["format"] == "earshot-model-2")
  }

  @Test("a file gets its name only after it is checked; until then the previous one stays")
  func checked() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "m.safetensors")
    try Data("before".utf8).write(to: url)
    let model = try MadeModel.model()
    expectProblem("not what was trained") {
      try ModelFile.write(model, to: url) { written in
        #expect(try ModelFile.read(written).networks == model.networks)
        throw Problem("not what was trained", at: Place(file: "m.safetensors"), mend: "Train again.")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.safetensors"])
    #expect(try Data(contentsOf: url) == Data("before".utf8))
    #expect(try ModelFile.write(model, to: url) { _ in 7 } == 7)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.safetensors"])
    #expect(try ModelFile.read(url).masks == model.masks)
  }

  @Test("extreme numbers in the header or the configuration are refused")
  func extremes() throws {
    let numbers = [
      "0", "-1", "2147483648", "4294967296", "4611686018427387904", "9223372036854775807", "-9223372036854775808",
      "9223372036854775808", "18446744073709551615", "99999999999999999999", "1e18", "1e300", "1e309", "-1e309", "0.5",
    ]
    for a in numbers {
      for b in numbers {
        for header in [
          #"{"t":{"dtype":"F32","shape":[\#(a),\#(b)],"data_offsets":[0,16]}}"#,
          #"{"t":{"dtype":"F32","shape":[4],"data_offsets":[\#(a),\#(b)]}}"#,
          #"{"a":{"dtype":"F32","shape":[\#(a)],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,\#(b)]}}"#,
        ] {
          do { _ = try SafeTensors(file(header, bytes: 16), file: "m.safetensors") } catch let problem as Problem {
            #expect(!problem.mend.isEmpty)
          }
        }
      }
    }
    for length in [0, 1, 7, UInt64(Int64.max), UInt64(Int64.max) + 1, UInt64.max - 7, UInt64.max] {
      var data = Data()
      withUnsafeBytes(of: length.littleEndian) { data.append(contentsOf: $0) }
      #expect(throws: Problem.self) { try SafeTensors(data + Data("{}".utf8), file: "m.safetensors") }
    }
    let model = try MadeModel.model(window: .init(frames: 4, hop: 2))
    var tensors = try SafeTensors(try ModelFile.encode(model), file: "m.safetensors")
    let configuration = try #require(tensors.metadata["configuration"])
    let places = configuration.matches(of: /[:\[,](-?[0-9.e\-]+)(?=[,}\]])/).map { $0.1.startIndex..<$0.1.endIndex }
    #expect(places.count > 10)
    for place in places {
      for number in numbers {
        tensors.metadata["configuration"] = configuration.replacingCharacters(in: place, with: number)
        do { _ = try ModelFile.decode(try tensors.encoded(), file: "m.safetensors") } catch is Problem {}
      }
    }
  }

  @Test("names and sizes in the file are the documented ones")
  func names() throws {
    let data = try ModelFile.encode(try MadeModel.model())
    let tensors = try SafeTensors(data, file: "m.safetensors")
    #expect(tensors.metadata["format"] == "earshot-model-1")
    #expect(tensors.tensors["shared/mix/block0/weight"]?.shape == [3, 1, 5, 3])
    #expect(tensors.tensors["shared/hit/block1/weight"]?.shape == [4, 3, 3, 3])
    #expect(tensors.tensors["shared/hit/hidden/weight"]?.shape == [6, 16])  // 13 mels become 7, then 4 rows.
    #expect(tensors.tensors["shared/mix/score/bias"]?.shape == [8] && tensors.tensors["masks"]?.shape == [3, 8])
    #expect(data.prefix(8).reduce(0) { $0 &+ Int($1) } > 0 && (Int(data[0]) + 256 * Int(data[1])) % 8 == 0)
  }

  @Test("a file that is cut off anywhere is refused, never read")
  func truncated() throws {
    let data = try ModelFile.encode(try MadeModel.model())
    for length in [0, 7, 8, 100, 2000, data.count - 4, data.count - 1] {
      #expect(throws: Problem.self) { try ModelFile.decode(data.prefix(length), file: "m.safetensors") }
    }
    expectProblem("belong to no tensor") { _ = try ModelFile.decode(data + Data(count: 4), file: "m.safetensors") }
    expectProblem("truncated") { _ = try ModelFile.decode(data.dropLast(4), file: "m.safetensors") }
  }

  @Test(
    "headers with false claims are refused",
    arguments: [
      (#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, 4, "has the type F16"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "its shape [2] takes 8"),
      (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "shape [-1]"),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4, "shape"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "data_offsets [4, 0]"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "data_offsets [-4, 0]"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "data_offsets [0]"),
      (#"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}"#, 4, "truncated"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "belong to no tensor"),
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        8, "overlap"
      ),
      (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "'a.data_offsets' is missing"),
      (#"{"__metadata__":{"format":1}}"#, 0, "__metadata__.format"), (#"[1]"#, 0, "header"), (#"{"a""#, 0, "header"),
    ])
  func headers(header: String, bytes: Int, words: String) {
    expectProblem(words) { _ = try SafeTensors(file(header, bytes: bytes), file: "m.safetensors") }
  }

  @Test("a huge header is refused before it is read")
  func hugeHeader() {
    expectProblem("header would have") {
      _ = try SafeTensors(Data([255, 255, 255, 255, 255, 255, 255, 127]) + Data(count: 64), file: "m.safetensors")
    }
  }

  /// The file of a model with changed tensors.
  private func changed(_ body: (inout SafeTensors) -> Void) throws -> Data {
    var tensors = try SafeTensors(try ModelFile.encode(try MadeModel.model()), file: "m.safetensors")
    body(&tensors)
    return try tensors.encoded()
  }

  @Test("weights that are not numbers, missing, unknown or of another size are named")
  func weights() throws {
    func expect(_ words: String, _ body: (inout SafeTensors) -> Void) throws {
      let data = try changed(body)
      expectProblem(words) { _ = try ModelFile.decode(data, file: "m.safetensors") }
    }
    try expect("'shared/mix/value/weight' has a value that is not a number") {
      $0.tensors["shared/mix/value/weight"]?.values[3] = .nan
    }
    try expect("'shared/hit/block0/bias' is missing") { $0.tensors["shared/hit/block0/bias"] = nil }
    try expect("'shared/hit/blok' does not belong") { $0.tensors["shared/hit/blok"] = .init(shape: [1], values: [1]) }
    try expect("'masks' has the shape [2, 8]") {
      $0.tensors["masks"] = .init(shape: [2, 8], values: .init(repeating: 1, count: 16))
    }
    try expect("the mask of 'kick'") { $0.tensors["masks"]?.values[0] = -1 }
    try expect("not a model of Earshot") { $0.metadata = [:] }
    try expect("'earshot-model-9'") { $0.metadata["format"] = "earshot-model-9" }
    try expect("has no configuration") { $0.metadata["configuration"] = nil }
    try expect("'shape' is missing") { $0.metadata["configuration"] = configuration { $0["shape"] = nil } }
    try expect("kernel of 99") {
      $0.metadata["configuration"] = configuration {
        $0["shape"] = [
          "blocks": [["channels": 3, "kernelHeight": 99, "kernelWidth": 3, "strideHeight": 2, "strideWidth": 1]],
          "hidden": 6, "embedding": 8,
        ]
      }
    }
    try expect("its name is 'A b'") { $0.metadata["configuration"] = configuration { $0["name"] = "A b" } }
  }

  private func configuration(_ body: (inout [String: Any]) -> Void) -> String? {
    let data = try? JSONEncoder().encode(MadeModel.configuration())
    var object = data.flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] } ?? [:]
    body(&object)
    return (try? JSONSerialization.data(withJSONObject: object)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("a missing file is reported with its path")
  func missing() {
    do {
      _ = try ModelFile.read(URL(filePath: "/nowhere/m.safetensors"))
      Issue.record("read nothing")
    } catch { #expect("\(error)".contains("m.safetensors") && error is Problem) }
  }

  @Test("batch normalisation is folded into a convolution")
  func folded() {
    let layer = Layer.folded(
      weight: [1, 2, 3, 4], gamma: [2, 1], beta: [0.5, -1], mean: [1, 2], variance: [4, 0.25], epsilon: 0)
    #expect(layer == Layer(weight: [1, 2, 6, 8], bias: [-0.5, -5]))
  }

  @Test("a masked embedding keeps its class's dimensions, and has length one")
  func masked() throws {
    let model = try MadeModel.model()
    #expect(model.masked([3, 1, 1, 4, 1, 1, 0, 1], "kick") == [0.6, 0, 0, 0.8, 0, 0, 0, 0])
    #expect(model.masked([0, 1, 1, 0, 1, 1, 0, 1], "kick") == .init(repeating: 0, count: 8))
    #expect(model.mask(of: "tom") == nil)
  }
}

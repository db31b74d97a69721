import Basics
import Foundation
import Stimuli
import Testing

@Suite("Parcel")
struct ParcelTests {
  let folder: SoundFolder
  let sounds: [Data]
  let items: [Parcel.Item]

  init() throws {
    folder = try SoundFolder()
    var random = SeededRandom(seed: 1, "parcels")
    sounds = [0, 1, 63, 1000, 5000].map { count in Data((0..<count).map { _ in UInt8(random.below(256)) }) }
    items = try sounds.enumerated().map { [folder] i, sound in
      let file = folder.root.appending(path: "\(i)")
      try sound.write(to: file)
      return Parcel.Item(path: file.path, size: sound.count)
    }
  }

  private func parcel(_ key: UInt8 = 7, size: Int = 9000) throws -> Parcel {
    try Parcel(key: Data(repeating: key, count: 32), items: items, size: size)
  }

  @Test("what was packed is unpacked, at the minimum size and at a larger one")
  func way() throws {
    let least = Parcel.size(holding: sounds.map(\.count))
    for size in [least, least + 1, 9000] {
      let body = try parcel(size: size).bytes(0..<size)
      #expect(body.count == size)
      #expect(try Parcel.open(body) == sounds)
    }
    #expect(throws: Problem.self) { try parcel(size: least - 1) }
  }

  @Test("any range is that part of the whole")
  func ranges() throws {
    let parcel = try parcel()
    let whole = try parcel.bytes(0..<9000)
    for start in [0, 1, 31, 32, 33, 36, 75, 76, 77, 139, 140, 141, 1140, 6139, 6140, 6141, 8999, 9000] {
      for end in [start, start + 1, start + 40, start + 3000, 9000] where (start...9000).contains(end) {
        #expect(try parcel.bytes(start..<end) == whole[start..<end])
      }
    }
  }

  @Test("with another key bytes match only by chance, and the ciphertext looks like noise")
  func opaque() throws {
    let (one, other) = (try parcel(1).bytes(0..<9000), try parcel(2).bytes(0..<9000))
    #expect(try Parcel.open(one) == Parcel.open(other))
    #expect((15...60).contains(zip(one, other).count { $0 == $1 }))  // 35 are expected.
    var counts = [Int](repeating: 0, count: 256)
    for byte in one.dropFirst(32) { counts[Int(byte)] += 1 }
    let expected = 8968.0 / 256
    let square = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(square < 330)  // 255 degrees of freedom; p = 0.001.
  }

  @Test("a body that is cut off, invalid or promises too much is refused, and never read beyond its end")
  func broken() throws {
    let body = try parcel().bytes(0..<9000)
    for count in [0, 31, 32, 35, 36, 60, 75, 76, 6000] {
      #expect(throws: Problem.self) { try Parcel.open(body.prefix(count)) }
    }
    var random = SeededRandom(seed: 2, "noise")
    for _ in 0..<100 {
      let noise = Data((0..<200).map { _ in UInt8(random.below(256)) })
      #expect(throws: Problem.self) { try Parcel.open(noise) }
    }
  }

  @Test("a file that is missing or has another size is named")
  func changed() throws {
    let parcel = try parcel()
    try Data(count: 999).write(to: URL(filePath: items[3].path))
    #expect { try parcel.bytes(0..<9000) } throws: { ($0 as? Problem)?.place?.file == items[3].path }
    try FileManager.default.removeItem(atPath: items[4].path)
    #expect(throws: Problem.self) { try parcel.bytes(1200..<9000) }
  }
}

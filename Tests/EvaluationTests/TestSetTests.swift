import Evaluation
import Foundation
import Testing

@Suite("Test sets")
struct TestSetTests {
  private func problems(_ world: PlantedWorld, split: String = "test") -> String {
    do { _ = try world.test(split: split) } catch { return "\(error)" }
    return ""
  }

  @Test("in a split library, only the test split's one-shots are candidates")
  func split() throws {
    let world = try PlantedWorld().make(
      split: { $1 < 4 ? "test" : "train" }, reference: { mix, condition in "\(condition)-\(mix % 4)" })
    let test = try world.test()
    #expect(test.pool.count == 12 && test.split == "test" && test.mixes.count == 12 && test.targets.count == 36)
    #expect(test.sizes == ["kick": 4, "snare": 4, "hihat": 4])
    #expect(test.groups.count == 6)
    #expect(problems(world, split: "tset").contains("Its splits are test, train"))
  }

  @Test("mixes with sounds outside the pool are refused, each with its line")
  func foreign() throws {
    let world = try PlantedWorld().make(
      split: { $1 < 4 ? "test" : "train" },
      reference: { mix, condition in mix == 3 && condition == "snare" ? "snare-6" : "\(condition)-\(mix % 4)" })
    let text = problems(world)
    #expect(text.contains("mixes.csv:12") && text.contains("'snare-6' plays in 'mix3' but is not in the split 'test'"))
  }

  @Test("mixes without a known truth are refused")
  func unknown() throws {
    let world = try PlantedWorld().make(reference: { mix, _ in mix == 0 ? "" : "kick-0" })
    #expect(problems(world).contains("not a snare"))
    let other = try PlantedWorld().make(reference: { mix, condition in mix == 0 ? "" : "\(condition)-0" })
    #expect(problems(other).contains("the table does not say which one-shot plays in 'mix0' (kick)"))
  }

  @Test("an instrument in two splits is a leak, and is refused")
  func parted() throws {
    let world = try PlantedWorld().make(
      split: { $1 < 4 ? "test" : "train" }, group: { condition, v in "\(condition) \(v % 4)" },
      reference: { mix, condition in "\(condition)-\(mix % 4)" })
    let text = problems(world)
    #expect(text.contains("'kick-4' (train) is the same instrument as 'kick-0' (test), line 2"))
  }

  @Test("a target that a model learned from another library is refused, by its sound")
  func learned() throws {
    let world = try PlantedWorld().make()
    let other = world.folder.appending(path: "other.csv")
    try Data("candidate,sha256,split\na,hash of kick 4,train\nb,hash of snare 1,test\n".utf8).write(to: other)
    func read(_ split: String) throws -> TestSet {
      try TestSet.read(library: world.folder, mixes: world.folder, split: split, trainedOn: [other])
    }
    #expect {
      try read("test")
    } throws: {
      "\($0)".contains("other.csv:2:3") && "\($0)".contains("the target 'kick-4' is the same sound as 'a'")
        && !"\($0)".contains("snare")
    }
  }

  @Test("targets without a hash cannot be checked against training sounds, and are refused")
  func nameless() throws {
    let world = try PlantedWorld().make()
    let table = world.folder.appending(path: "library.csv")
    let text = try String(contentsOf: table, encoding: .utf8).replacing("hash of kick 4", with: "")
    try Data(text.utf8).write(to: table)
    let other = world.folder.appending(path: "other.csv")
    try Data("candidate,sha256,split\na,hash of kick 5,validation\n".utf8).write(to: other)
    #expect {
      try TestSet.read(library: world.folder, mixes: world.folder, trainedOn: [other])
    } throws: {
      "\($0)".contains("the target 'kick-4' has no sha256") && "\($0)".contains("'kick-5' is the same sound as 'a'")
    }
    #expect(try world.test().pool.count == 24)
  }

  @Test("a query has one file, and all problems of a table are reported at once")
  func divided() throws {
    let world = try PlantedWorld().make()
    let table = world.folder.appending(path: "mixes.csv")
    var lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n").map(String.init)
    lines[1] = lines[1].replacing("mix.flac", with: "one.flac")
    lines[5] = lines[5].replacing("0.5 1.5", with: "0.5 x")
    lines[8] = lines[8].replacing("1.5", with: "y")
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: table)
    let text = problems(world)
    #expect(text.contains("the rows of the query 'mix0' name different files"))
    #expect(text.contains("'x' is not a number") && text.contains("'y' is not a number"))
  }
}

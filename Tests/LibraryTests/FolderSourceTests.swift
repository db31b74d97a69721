import Basics
import Foundation
import Library
import Sound
import Synthesis
import Testing

@Suite("Sounds of a folder")
struct FolderSourceTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)/My Drums")

  private func add(_ path: String, _ content: String = "") throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: url)
  }

  @Test("a kit's table gives instruments and groups; velocity layers stay together")
  func kit() throws {
    try add(
      "Kit/drumkit.xml",
      """
      <drumkit_info><name>A kit</name><instrumentList>
       <instrument><id>0</id><name>Kick &quot;22&quot;</name>
        <layer><filename>a1.wav</filename></layer><layer><filename>a2.wav</filename></layer></instrument>
       <instrument><id>1</id><name>Snare</name><layer><filename>b.flac</filename></layer></instrument>
       <instrument><id>2</id><name>Snare again</name><layer><filename>b.flac</filename></layer></instrument>
      </instrumentList></drumkit_info>
      """)
    for file in ["a1.wav", "a2.wav", "b.flac", "readme.txt"] { try add("Kit/" + file) }
    let offers = try FolderSource(folder).offers()
    #expect(offers.map(\.condition) == [.kick, .kick, .snare])
    #expect(offers.map(\.group) == ["My Drums/Kit/Kick \"22\"", "My Drums/Kit/Kick \"22\"", "My Drums/Kit/Snare"])
    #expect(offers[0].source == "My Drums: Kit/a1.wav" && offers[0].licence == "unstated")
  }

  @Test("without a table, words for force are left out of the group; different numbers are different drums")
  func layers() throws {
    for file in ["Kick-Soft.wav", "Kick-Hardest.wav", "kick01.wav", "kick02.wav", "hats/closed 1.wav"] { try add(file) }
    let offers = try FolderSource(folder).offers()
    let groups = Dictionary(uniqueKeysWithValues: offers.map { ($0.source, $0.group) })
    #expect(groups["My Drums: Kick-Soft.wav"] == groups["My Drums: Kick-Hardest.wav"])
    #expect(groups["My Drums: kick01.wav"] != groups["My Drums: kick02.wav"])
    #expect(offers.first { $0.source.contains("closed 1") }?.condition == .hihat)
  }

  @Test("drums of the same name in folders of the same name are different ones, whoever's they are")
  func vendors() throws {
    for vendor in ["VendorA", "VendorB"] {
      for name in ["Kick 01.wav", "Kick 01 soft.wav"] { try add("\(vendor)/Kicks/\(name)") }
    }
    let groups = try FolderSource(folder).offers().map(\.group)
    #expect(Set(groups) == ["My Drums/VendorA/Kicks/kick 01", "My Drums/VendorB/Kicks/kick 01"])
    let again = try FolderSource(folder, prefix: "My Drums 2").offers()
    #expect(again.allSatisfy { $0.group.hasPrefix("My Drums 2/") && $0.source.hasPrefix("My Drums 2: ") })
  }

  @Test("a missing folder stops its own source only")
  func missing() throws {
    let outcome = try LibraryBuilder().build(
      [FolderSource(folder.appending(path: "none")), SynthSource(perClass: 1)], into: folder.appending(path: "out"))
    #expect(outcome.failures.count == 1 && outcome.library.oneShots.count == 3)
    #expect("\(outcome.failures)".contains("there is no such folder"))
  }
}

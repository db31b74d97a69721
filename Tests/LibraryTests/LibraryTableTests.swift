import Basics
import Foundation
import Library
import Testing

@Suite("library.csv")
struct LibraryTableTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  @Test("what was written reads back, from the folder and from the file")
  func roundTrip() throws {
    let shots = [
      OneShot(
        candidate: "a", condition: .kick, file: "sounds/a.flac", group: "kit/kick", tags: ["808", "lo-fi"],
        licence: "GPL-2+, see copyright", source: "pkg: a/b.wav", duration: 0.5, sampleRate: 48000, channelCount: 2,
        sha256: "ff"),
      OneShot(
        candidate: "b", condition: .hihat, file: "sounds/b.flac", group: "kit/hihat", licence: "CC0-1.0", source: "s",
        duration: 1, sampleRate: 44100, channelCount: 1, sha256: "ee"),
    ]
    try LibraryTable(folder: folder, oneShots: shots).write()
    #expect(try LibraryTable.read(folder).oneShots == shots)
    let library = try LibraryTable.read(folder.appending(path: "library.csv"))
    #expect(library.oneShots == shots)
    #expect(library[.hihat].map(\.candidate) == ["b"])
    #expect(library.url(of: shots[0]).path == folder.appending(path: "sounds/a.flac").path)
  }

  @Test("all that is wrong is listed with its line")
  func problems() throws {
    let text = "candidate,condition,file\na,kick,a.flac\na,kick,b.flac\nb,tom,c.flac\n"
    try Data(text.utf8).write(to: folder.appending(path: "library.csv"))
    let problems = try #require(throws: Problems.self) { try LibraryTable.read(folder) }
    #expect(problems.list.map { $0.place?.line } == [3, 4])
  }

  @Test("where there is none, the mend names the command")
  func missing() {
    #expect { try LibraryTable.read(folder.appending(path: "none")) } throws: { "\($0)".contains("library build") }
  }
}

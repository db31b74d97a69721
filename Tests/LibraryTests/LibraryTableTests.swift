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

  @Test("fractions of the training groups are nested, by class, and leave the other splits alone")
  func shares() {
    let shots = (0..<60).flatMap { i in
      DrumClass.allCases.map { condition in
        OneShot(
          candidate: "\(condition)-\(i)", condition: condition, file: "f", group: "kit \(i / 3)", licence: "",
          source: "",
          duration: 1, sampleRate: 44100, channelCount: 1, sha256: "",
          split: i < 48 ? .train : i < 54 ? .validation : .test)
      }
    }
    let library = LibraryTable(folder: folder, oneShots: shots)
    func training(_ share: Double) -> [OneShot] {
      library.thinned(toTraining: share).oneShots.filter { $0.split == .train }
    }
    #expect(library.thinned(toTraining: 1).oneShots == shots)
    let half = training(0.5), quarter = training(0.25)
    for condition in DrumClass.allCases {
      #expect(Set(half.filter { $0.condition == condition }.map(\.group)).count == 8)
      #expect(Set(quarter.filter { $0.condition == condition }.map(\.group)).count == 4)
    }
    // Whole groups of three sounds each.
    #expect(half.count == 3 * 8 * 3)
    #expect(quarter.allSatisfy { half.contains($0) })
    #expect(training(0.001).count == 3 * 3)
    #expect(library.thinned(toTraining: 0.25).oneShots.count { $0.split != .train } == 36)
  }

  @Test("all problems are listed with their line")
  func problems() throws {
    let text = "candidate,condition,file\na,kick,a.flac\na,kick,b.flac\nb,tom,c.flac\n"
    try Data(text.utf8).write(to: folder.appending(path: "library.csv"))
    let problems = try #require(throws: Problems.self) { try LibraryTable.read(folder) }
    #expect(problems.list.map { $0.place?.line } == [3, 4])
  }

  @Test("if there is no table, the fix names the command")
  func missing() {
    #expect { try LibraryTable.read(folder.appending(path: "none")) } throws: { "\($0)".contains("library build") }
  }
}

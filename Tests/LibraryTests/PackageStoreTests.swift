import Basics
import Foundation
import Library
import Sound
import Synthesis
import Testing

/// With the tests' own programs in place of apt-get and dpkg-deb, so that no test needs a network.
@Suite("Packages")
struct PackageStoreTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  var bin: URL { folder.appending(path: "bin") }
  var store: PackageStore { PackageStore(folder: folder.appending(path: "packages"), path: bin.path) }
  var packages: [SoundPackage] { LibrarySet.demo.packages.filter { ["chuck-data", "lmms-common"].contains($0.name) } }

  /// Makes an archive with a kick in it, an apt that serves it for chuck-data, and a dpkg-deb that is tar.
  init() throws {
    let content = folder.appending(path: "content/usr/share/drums")
    for url in [content, bin] { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    try AudioFile.write(
      SynthKit.all[0].render(.kick, take: 0, seed: 1), to: content.appending(path: "kick.wav"), as: .wav16)
    let tar = Process()
    tar.executableURL = URL(filePath: "/bin/tar")
    tar.arguments = ["cf", folder.appending(path: "deb").path, "-C", folder.appending(path: "content").path, "usr"]
    try tar.run()
    tar.waitUntilExit()
    try serve(hash: ContentHash.ofFile(folder.appending(path: "deb")))
    try script("dpkg-deb", "exec /bin/tar xf \"$2\" -C \"$3\"")
  }

  private func script(_ name: String, _ text: String) throws {
    let url = bin.appending(path: name)
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
  }

  private func serve(hash: String) throws {
    try script(
      "apt-get",
      """
      if [ "$3" != chuck-data ]; then echo "E: no $3" >&2; exit 100; fi
      if [ "$2" = --print-uris ]; then echo "'http://x/c.deb' c.deb 1000 SHA256:\(hash)"; exit 0; fi
      echo x >> '\(folder.path)/downloads'
      exec /bin/cp '\(folder.path)/deb' c.deb
      """)
  }

  private func downloads() -> Int {
    (try? String(contentsOf: folder.appending(path: "downloads"), encoding: .utf8))?.count ?? 0
  }

  @Test("packages are fetched, checked and unpacked once; one that fails does not stop the others")
  func fetch() throws {
    let (ready, failures) = store.fetch(packages)
    #expect(ready.map(\.name) == ["chuck-data"])
    #expect(failures.map(\.what) == ["lmms-common: apt does not know this package."])
    let outcome = try LibraryBuilder().build(store.sources(ready), into: folder.appending(path: "library"))
    #expect(outcome.library.oneShots.map(\.condition) == [.kick])
    #expect(outcome.library.oneShots[0].licence == "GPL-2.0-or-later")
    #expect(outcome.library.oneShots[0].source == "chuck-data: usr/share/drums/kick.wav")

    #expect(store.fetch(packages).ready.map(\.name) == ["chuck-data"])
    #expect(downloads() == 2, "one download of two bytes in the log")
  }

  @Test("a wrong checksum is refused, and packages unpacked earlier work without a network")
  func checksum() throws {
    try serve(hash: String(repeating: "0", count: 64))
    let refused = store.fetch(packages)
    #expect(refused.ready.isEmpty && refused.failures.contains { $0.what.contains("its checksum is not the one") })

    try serve(hash: ContentHash.ofFile(folder.appending(path: "deb")))
    #expect(store.fetch(packages).ready.count == 1)
    try script("apt-get", "exit 100")
    #expect(store.fetch(packages).ready.map(\.name) == ["chuck-data"])
  }

  @Test("a machine without apt gets an explanation")
  func noApt() {
    let bare = PackageStore(folder: folder.appending(path: "bare"), path: folder.appending(path: "empty").path)
    let (ready, failures) = bare.fetch(packages)
    #expect(ready.isEmpty && failures.map(\.what) == ["lmms-common, chuck-data: there is no apt on this machine."])
  }
}

import Basics
import Foundation

/// Debian packages, downloaded and unpacked below the cache without being installed and without root.
///
/// Packages that are there already, with the checksum that apt knows, are not downloaded again, so a run that was broken
/// off goes on with the package that was under way.
public struct PackageStore: Sendable {
  public var folder: URL
  /// Where apt-get and dpkg-deb are looked for: folders with colons between them; nil takes the environment's.
  public var path: String?

  public init(folder: URL = CacheFolder.folder("packages"), path: String? = nil) {
    self.folder = folder
    self.path = path
  }

  /// What apt knows of a package's newest version.
  struct Record: Sendable {
    var package: SoundPackage
    var file: String
    var size: Int
    var sha256: String
  }

  /// Where a package is unpacked. It need not be there.
  func unpacked(_ name: String) -> URL { folder.appending(path: "unpacked/\(name)", directoryHint: .isDirectory) }

  /// The packages of a list that are there.
  func present(_ packages: [SoundPackage]) -> [SoundPackage] {
    packages.filter { FileManager.default.fileExists(atPath: stamp($0.name).path) }
  }

  /// Gets packages ready: asks apt, downloads what is missing, checks and unpacks it.
  ///
  /// - Parameter progress: told of kilobytes.
  /// - Returns: the packages that are ready, and what kept the others away. A package that cannot be had now but was
  ///   unpacked earlier is ready.
  public func fetch(
    _ packages: [SoundPackage], progress: ProgressHandler? = nil
  ) -> (ready: [SoundPackage], failures: [Problem]) {
    var failures: [Problem] = []
    var ready: Set<String> = []
    var records: [Record] = []
    for package in packages {
      do { records.append(try record(package)) } catch let problem as Problem {
        if isUnpacked(package) { ready.insert(package.name) } else { failures.append(problem) }
      } catch { failures.append(Problem("\(package.name): \(error)", mend: "")) }
    }
    let total = records.reduce(0) { $0 + $1.size }
    var done = 0
    for record in records {
      do {
        if try !isUnpacked(record) {
          let before = done
          try download(record) { progress?((before + $0) / 1000, total / 1000) }
          try unpack(record)
        }
        ready.insert(record.package.name)
      } catch let problem as Problem {
        if isUnpacked(record.package) { ready.insert(record.package.name) } else { failures.append(problem) }
      } catch { failures.append(Problem("\(record.package.name): \(error)", mend: "")) }
      done += record.size
      progress?(done / 1000, max(total / 1000, 1))
    }
    return (packages.filter { ready.contains($0.name) }, failures)
  }

  private var downloads: URL { folder.appending(path: "debs", directoryHint: .isDirectory) }
  /// Holds the checksum of the package that was unpacked, and is written last.
  private func stamp(_ name: String) -> URL { folder.appending(path: "unpacked/\(name).sha256") }

  private func isUnpacked(_ package: SoundPackage) -> Bool {
    FileManager.default.fileExists(atPath: stamp(package.name).path)
  }

  private func isUnpacked(_ record: Record) throws -> Bool {
    (try? String(contentsOf: stamp(record.package.name), encoding: .utf8)) == record.sha256
  }

  private func record(_ package: SoundPackage) throws -> Record {
    guard Tool.find("apt-get", path: path) != nil, Tool.find("dpkg-deb", path: path) != nil else {
      throw Problem(
        "\(package.name): there is no apt on this machine",
        mend: "Packages need Debian or a relative of it; use --set synth or --add FOLDER.")
    }
    let result = try Tool.run("apt-get", ["download", "--print-uris", package.name], path: path)
    // 'http://…/name_1.0_all.deb' name_1.0_all.deb 12345 SHA256:abc…
    let words = result.output.split(separator: "\n").last.map { $0.split(separator: " ").map(String.init) } ?? []
    guard result.status == 0, words.count >= 4, let size = Int(words[2]), let sha256 = try checksum(package, words[3])
    else {
      throw Problem(
        "\(package.name): apt does not know this package", mend: "Run 'apt-get update' as root, then build again.")
    }
    return Record(package: package, file: words[1], size: size, sha256: sha256)
  }

  /// Some archives print a longer hash with the address; their record has the SHA-256 as well.
  private func checksum(_ package: SoundPackage, _ printed: String) throws -> String? {
    let prefix = "SHA256:"
    if printed.hasPrefix(prefix) { return String(printed.dropFirst(prefix.count)) }
    let record = try Tool.run("apt-cache", ["show", "--no-all-versions", package.name], path: path)
    return record.output.split(separator: "\n").first { $0.hasPrefix(prefix) }
      .map { $0.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces) }
  }

  private func download(_ record: Record, progress: @escaping @Sendable (_ bytes: Int) -> Void) throws {
    try FileManager.default.createDirectory(at: downloads, withIntermediateDirectories: true)
    let file = downloads.appending(path: record.file)
    if (try? ContentHash.ofFile(file)) == record.sha256 { return }
    let watch = DispatchSource.makeTimerSource(queue: .global())
    watch.schedule(deadline: .now(), repeating: .milliseconds(200))
    watch.setEventHandler {
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
      progress((attributes?[.size] as? Int) ?? 0)
    }
    watch.resume()
    defer { watch.cancel() }
    let result = try Tool.run("apt-get", ["download", "-q", record.package.name], in: downloads, path: path)
    guard result.status == 0, FileManager.default.fileExists(atPath: file.path) else {
      let cause = result.complaint.split(separator: "\n").first { $0.hasPrefix("E: ") }.map { $0.dropFirst(3) }
      throw Problem(
        "\(record.package.name) could not be downloaded: \(cause ?? "apt-get gave no reason")",
        mend: "Check the network and build again; what is there already is kept.")
    }
    guard try ContentHash.ofFile(file) == record.sha256 else {
      try? FileManager.default.removeItem(at: file)
      throw Problem(
        "\(record.package.name) arrived with another checksum than apt knows", mend: "Build again to fetch it anew.")
    }
  }

  private func unpack(_ record: Record) throws {
    let name = record.package.name
    let part = folder.appending(path: "unpacked/.\(name).part", directoryHint: .isDirectory)
    try? FileManager.default.removeItem(at: part)
    try? FileManager.default.removeItem(at: stamp(name))
    try FileManager.default.createDirectory(at: part, withIntermediateDirectories: true)
    let result = try Tool.run(
      "dpkg-deb", ["-x", downloads.appending(path: record.file).path, part.path], path: path)
    guard result.status == 0 else {
      throw Problem("\(name) could not be unpacked: \(result.lastComplaint)", mend: "Is the disk full?")
    }
    try? FileManager.default.removeItem(at: unpacked(name))
    try FileManager.default.moveItem(at: part, to: unpacked(name))
    try Data(record.sha256.utf8).write(to: stamp(name), options: .atomic)
    // The download has served: its content lies unpacked.
    try? FileManager.default.removeItem(at: downloads.appending(path: record.file))
  }
}

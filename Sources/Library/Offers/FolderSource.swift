import Basics
import Foundation
import Sound

/// Every sound file below a folder, classified by `NamingRule`, `TagRule` and the tables of the kits in it.
public struct FolderSource: SoundSource {
  public var name: String
  /// The folder that is searched, at any depth.
  public var folder: URL
  /// The first part of the names of candidates and groups.
  public var prefix: String
  public let isOwn: Bool
  /// What is known about sounds beyond their names, by path within the folder.
  var facts: @Sendable (_ path: String) -> PackageFacts

  /// A user's folder. The licence is unknown.
  /// - Parameter prefix: its name, unless another folder has the same.
  public init(_ folder: URL, prefix: String? = nil) {
    name = prefix ?? folder.lastPathComponent
    self.prefix = name
    self.folder = folder
    isOwn = true
    facts = { _ in PackageFacts(licence: "unstated") }
  }

  init(name: String, folder: URL, facts: @escaping @Sendable (_ path: String) -> PackageFacts) {
    self.name = name
    prefix = name
    self.folder = folder
    isOwn = false
    self.facts = facts
  }

  public func others() throws -> [Rejection] {
    guard isOwn else { return [] }
    return try SoundFiles.others(below: folder).map {
      Rejection(source: "\(name): \($0.path)", reason: $0.reason, detail: $0.detail)
    }
  }

  public func offers() throws -> [SoundOffer] {
    let root = folder.path.hasSuffix("/") ? folder.path : folder.path + "/"
    var kits: [String: DrumkitTable] = [:]
    return try SoundFiles.below(folder).map { file in
      let path = String(file.path.dropFirst(root.count))
      let place = file.deletingLastPathComponent()
      let kit =
        kits[place.path]
        ?? DrumkitTable((try? InputFile.text(place.appending(path: "drumkit.xml"))) ?? "")
      kits[place.path] = kit
      let stem = file.deletingPathExtension().lastPathComponent
      let instrument = kit.instruments[file.lastPathComponent]
      let collection = path.contains("/") ? place.lastPathComponent : ""
      // Packs of several makers may have folders of the same name; a package has each only once.
      let home = isOwn ? path.split(separator: "/").dropLast().joined(separator: "/") : collection
      let facts = facts(path)
      return SoundOffer(
        source: "\(name): \(path)",
        condition: NamingRule.condition(instrument: instrument, file: stem, folder: collection),
        group: [prefix, home, instrument ?? GroupRule.instrument(file: stem)].filter { !$0.isEmpty }
          .joined(separator: "/"),
        tags: TagRule.tags([collection, instrument ?? "", stem], kit: facts.tags), licence: facts.licence,
        name: [prefix, collection, stem], kit: kit.instruments.isEmpty ? nil : "\(prefix)/\(home)"
      ) { try AudioFile.read(file) }
    }
  }
}

extension PackageStore {
  /// The sound files of an unpacked package, each with what the package says about it.
  public func files(of package: SoundPackage) -> FolderSource {
    FolderSource(name: package.name, folder: unpacked(package.name)) { package.facts($0) }
  }
}

import Basics
import Foundation

extension Atlas {
  /// Writes all files of the maps into a folder, which is created: `index.html`, `map.csv`, `quality.csv`,
  /// `neighbours.csv` if there are mixes, a figure for every view and projection (`map-kick-t-sne.svg`) and, if there
  /// are several views, a figure with all of them (`maps-t-sne.svg`).
  ///
  /// - Parameters:
  ///   - colouring: the name of the colouring for the figures.
  ///   - version: the version of Earshot, for the page's footer.
  /// - Returns: the files, starting with the page.
  /// - Throws: a `Problem` if a sound is not available or a file cannot be written.
  public func write(
    to folder: URL, sounds how: MapSounds = .links, colouring: String = "class", version: String,
    progress: (String) -> ProgressHandler? = { _ in nil }
  ) throws -> [URL] {
    let colours = try Colouring.named(colouring, of: sounds)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let page = folder.appending(path: "index.html")
    let shots = try how.prepare(
      sounds.map(\.file), folder: "map-sounds", longest: MapSounds.longest, for: page, progress: progress("sounds"))
    let loops = try how.prepare(
      mixes.map(\.file), folder: "map-mixes", longest: MapSounds.longestMix, for: page, progress: progress("mixes"))
    var files: [URL] = []
    func put(_ name: String, _ text: String) throws {
      let file = folder.appending(path: name)
      try OutputFile.write(text, to: file)
      files.append(file)
    }
    try put(
      "index.html",
      try MapPage(atlas: self, version: version, sounds: how, played: shots, playedMixes: loops).html())
    let figure = MapFigure(self, colouring: colours)
    for projection in Projection.allCases {
      if views.count > 1 { try put("maps-\(projection.rawValue).svg", figure.panels(projection)) }
      for view in views {
        for map in view.maps where map.projection == projection {
          try put("map-\(view.name)-\(projection.rawValue).svg", figure.single(view, map))
        }
      }
    }
    files += try tables(in: folder)
    // Figures and neighbours of an earlier map could be mistaken for this one's.
    let names = Set(files.map(\.lastPathComponent))
    for old in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where !names.contains(old) && (old == "neighbours.csv" || old.wholeMatch(of: /maps?-.*(t-sne|pca)\.svg/) != nil) {
      try FileManager.default.removeItem(at: folder.appending(path: old))
    }
    return files
  }

  private func tables(in folder: URL) throws -> [URL] {
    let map = folder.appending(path: "map.csv"), quality = folder.appending(path: "quality.csv")
    try TableWriter.write(
      map, columns: ["view", "map", "candidate", "condition", "group", "tags", "source", "split", "x", "y"]
    ) { table in
      for view in views {
        for map in view.maps {
          for (sound, point) in zip(sounds, map.points) {
            try table.row([
              view.name, map.projection.rawValue, sound.id, sound.condition, sound.group,
              sound.tags.joined(separator: " "), sound.source, sound.split, Self.short(point.x), Self.short(point.y),
            ])
          }
        }
      }
    }
    try TableWriter.write(
      quality,
      columns: [
        "view", "map", "sounds", "neighbours", "trustworthiness", "continuity", "kept", "kept_by_chance", "explained_x",
        "explained_y", "divergence", "perplexity", "own_class", "own_class_by_chance", "own_source",
        "own_source_by_chance", "seed",
      ]
    ) { table in
      for view in views {
        for map in view.maps {
          try table.row([
            view.name, map.projection.rawValue, sounds.count, nearest, map.quality?.trustworthiness,
            map.quality?.continuity, map.quality?.kept, map.quality?.keptByChance, map.explained?.x, map.explained?.y,
            map.divergence, map.perplexity, view.ownClass?.value, view.ownClass?.chance, view.ownSource?.value,
            view.ownSource?.chance, String(seed),
          ])
        }
      }
    }
    guard !mixes.isEmpty else { return [map, quality] }
    let near = folder.appending(path: "neighbours.csv")
    try TableWriter.write(
      near,
      columns: ["query", "condition", "rank", "candidate", "candidate_condition", "distance", "is_reference"]
    ) { table in
      for (mix, all) in zip(mixes, neighbours) {
        for asked in all {
          for (place, found) in asked.nearest.enumerated() {
            try table.row([
              mix.id, asked.condition, place + 1, sounds[found.sound].id, sounds[found.sound].condition,
              found.distance, found.sound == asked.reference,
            ])
          }
        }
      }
    }
    return [map, quality, near]
  }

  /// Rounded to six digits; more would be meaningless on a map.
  private static func short(_ value: Double) -> Double { Double(String(format: "%.6g", value)) ?? value }
}

import Basics
import Foundation
import Pages

/// The maps as a single page that opens offline: point at a sound to see it, click to hear it, choose a mix to
/// highlight its neighbours.
struct MapPage {
  let atlas: Atlas
  let version: String
  let sounds: MapSounds
  /// The results of `MapSounds.prepare` for the one-shots and the mixes.
  let played: [String]
  let playedMixes: [String]

  /// The data for the page's script. Coordinates are whole numbers from 0 to `grid` on both axes, with y pointing up.
  private struct Told: Encodable {
    struct Sound: Encodable { var id, condition, group, tags, source, split: String }
    struct Kind: Encodable { var label: String, count: Int, isRest: Bool, light: String, dark: String }
    struct Colouring: Encodable { var name: String, kinds: [Kind], of: [Int] }
    struct Map: Encodable { var method, title, words: String, x: [Int], y: [Int], axes: [String], origin: [Int]? }
    struct View: Encodable { var name, title, words: String, maps: [Map] }
    struct Asked: Encodable {
      var condition: String, view: Int, nearest: [Int], distances: [Double], reference: Int?, rank: Int?
    }
    struct Mix: Encodable { var id: String, asked: [Asked] }
    struct Class: Encodable { var name, mark: String }
    var embedded: Bool
    var audible: Bool
    var classes: [Class]
    var sounds: [Sound]
    var colourings: [Colouring]
    var views: [View]
    var mixes: [Mix]
  }

  private struct Played: Encodable { var sounds, mixes: [String] }

  private static let grid = 10_000

  private var told: Told {
    Told(
      embedded: sounds == .embed, audible: sounds != .none,
      classes: Embedding.ordered(Set(atlas.sounds.map(\.condition))).enumerated().map {
        .init(name: $1, mark: MapColours.mark($0).rawValue)
      },
      sounds: atlas.sounds.map {
        .init(
          id: $0.id, condition: $0.condition, group: $0.group, tags: $0.tags.joined(separator: ", "),
          source: $0.source, split: $0.split)
      },
      colourings: atlas.colourings.map { colouring in
        let light = MapColours.colours(colouring.kinds), dark = MapColours.colours(colouring.kinds, dark: true)
        return .init(
          name: colouring.name,
          kinds: colouring.kinds.enumerated().map { i, kind in
            .init(label: kind.label, count: kind.count, isRest: kind.isRest, light: light[i], dark: dark[i])
          }, of: colouring.of)
      },
      views: atlas.views.map { view in
        .init(
          name: view.name, title: MapWords.title(view), words: MapWords.view(view, nearest: atlas.nearest),
          maps: view.maps.map { map in
            let frame = Frame(map.points)
            func whole(_ point: SIMD2<Double>) -> [Int] {
              let place = (point - frame.low) / frame.span.max() * Double(Self.grid)
              return [Int(place.x.rounded()), Int(place.y.rounded())]
            }
            let places = map.points.map(whole)
            let axes = MapWords.axes(map)
            return .init(
              method: map.projection.rawValue, title: map.projection.title, words: MapWords.map(map),
              x: places.map { $0[0] }, y: places.map { $0[1] }, axes: [axes.0, axes.1],
              origin: map.projection == .components ? whole(.zero) : nil)
          })
      },
      mixes: zip(atlas.mixes, atlas.neighbours).map { mix, all in
        .init(
          id: mix.id,
          asked: all.map { one in
            .init(
              condition: one.condition, view: one.view, nearest: one.nearest.map(\.sound),
              distances: one.nearest.map { ($0.distance * 1e4).rounded() / 1e4 }, reference: one.reference,
              rank: one.rank)
          })
      })
  }

  func html() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func embedded(_ value: some Encodable) throws -> Markup {
      Page.embedded(json: String(decoding: try encoder.encode(value), as: UTF8.self))
    }
    let body: Markup = """
      \(head)
      <main>
      \(controls)
      <div class="stage">
      <div class="left">
      <div class="plane" id="plane">
      <canvas id="map" tabindex="0" role="application" aria-roledescription="map" aria-describedby="keys"></canvas>
      <div class="zoom"><button type="button" id="in" aria-label="Zoom in">+</button><button type="button" id="out" aria-label="Zoom out">−</button><button type="button" id="all" aria-label="Show all">⤢</button></div>
      <div class="tip" id="tip" hidden></div>
      </div>
      <p class="words" id="words"></p>
      <p class="keys" id="keys">Arrow keys move to the nearest sound in that direction, Enter plays it, + and − zoom, 0 shows all, Escape deselects. On a touch screen: tap a sound to hear it, pinch to zoom.</p>
      </div>
      <aside aria-label="About the map">
      <section id="legend" class="card"></section>
      <section id="sound" class="card" aria-live="polite"></section>
      <section id="asked" class="card" hidden></section>
      </aside>
      </div>
      <noscript><p class="notice">The map needs JavaScript. The figures (SVG files) and <code>map.csv</code> are in the same folder as this page; the numbers are below.</p></noscript>
      \(numbers)
      <details id="every"><summary>All sounds as a table</summary><div class="scroll"></div></details>
      </main>
      <footer>Made by Earshot \(version) from \(atlas.embedding.summary), seed \(String(atlas.seed)). The coordinates are in <code>map.csv</code>, the figures next to it.</footer>
      <script type="application/json" id="atlas">\(try embedded(told))</script>
      <script type="application/json" id="played">\(try embedded(Played(sounds: played, mixes: playedMixes)))</script>
      """
    return Page(
      title: "\(atlas.embedding.name): map of the embedding", generator: "Earshot \(version)",
      style: Self.text(PackageResources.map_css), scripts: [Self.text(PackageResources.map_js)],
      allowed: ["media-src": "'self' file: blob:"], body: body
    ).html
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private var head: Markup {
    let mixes = atlas.mixes.isEmpty ? "" : ", \(atlas.mixes.count, "mix")"
    let counts = "\(atlas.sounds.count, "one-shot")\(mixes)"
    return """
      <header>
      <p class="eyebrow">Map of an embedding: \(counts)</p>
      <h1>\(atlas.embedding.name)</h1>
      <p class="lead" id="lead">\(MapWords.view(atlas.views[0], nearest: atlas.nearest))</p>
      </header>
      """
  }

  private func choice(_ name: String, _ title: String, _ options: [(value: String, label: String)]) -> Markup {
    let parts = options.enumerated().map { i, option -> Markup in
      let checked: Markup = i == 0 ? " checked" : ""
      return
        "<label><input type=\"radio\" name=\"\(name)\" value=\"\(option.value)\"\(checked)><span>\(option.label)</span></label>"
    }
    return
      "<fieldset class=\"choice\"><legend>\(title)</legend><div>\(Markup(parts, separator: ""))</div></fieldset>"
  }

  private var controls: Markup {
    let views = choice(
      "view", atlas.views.contains { $0.part == .network } ? "Network" : "Mask",
      atlas.views.enumerated().map { (String($0), $1.part == .whole ? "none" : MapWords.plain($1.name)) })
    let methods = choice("method", "Map", Atlas.Projection.allCases.map { ($0.rawValue, $0.title) })
    let colours = atlas.colourings.enumerated().map { i, colouring -> Markup in
      "<option value=\"\(i)\">\(colouring.name)</option>"
    }
    let mixes = atlas.mixes.enumerated().map { i, mix -> Markup in "<option value=\"\(i)\">\(mix.id)</option>" }
    let colouring: Markup =
      "<label class=\"pick\">Colour <select id=\"colour\">\(Markup(colours, separator: ""))</select></label>"
    let picker: Markup =
      "<label class=\"pick\">Neighbours of <select id=\"mix\"><option value=\"\">no mix</option>\(Markup(mixes, separator: ""))</select></label>"
    return """
      <form class="controls" autocomplete="off">
      \(atlas.views.count > 1 ? views : "")
      \(methods)
      \(colours.count > 1 ? colouring : "")
      \(mixes.isEmpty ? "" : picker)
      </form>
      """
  }

  private var numbers: Markup {
    let classes = Embedding.ordered(Set(atlas.sounds.map(\.condition)))
    func figure(_ value: Double?, digits: Int) -> String { value.map { MapWords.figure($0, digits: digits) } ?? "–" }
    func share(_ value: Double?) -> String { value.map(MapWords.percent) ?? "–" }
    let maps = atlas.views.flatMap { view in
      view.maps.map { map -> Markup in
        """
        <tr><th scope="row">\(MapWords.title(view)), \(map.projection.title)</th><td>\(share(map.explained.map { $0.x + $0.y }))</td><td>\(figure(map.quality?.trustworthiness, digits: 3))</td><td>\(figure(map.quality?.continuity, digits: 3))</td><td>\(share(map.quality?.kept))</td></tr>
        """
      }
    }
    let spaces = atlas.views.map { view -> Markup in
      let spreads = view.spread.map { spread -> Markup in "<td>\(figure(spread.distance, digits: 3))</td>" }
      return """
        <tr><th scope="row">\(MapWords.title(view))</th><td>\(share(view.ownClass?.value))</td><td>\(share(view.ownClass?.chance))</td><td>\(share(view.ownSource?.value))</td><td>\(share(view.ownSource?.chance))</td>\(Markup(spreads, separator: ""))</tr>
        """
    }
    let spreadHeads = classes.map { name -> Markup in
      "<th scope=\"col\">spread of \(name.isEmpty ? "all" : MapWords.plain(name) + "s")</th>"
    }
    return """
      <details id="numbers"><summary>The numbers: properties of the space, and how faithful each map is</summary>
      <div class="scroll"><table>
      <caption>The space itself. Shares of each sound's \(atlas.nearest) nearest neighbours that are of its own class or source; spread is the root mean square distance of a class's sounds from their centre</caption>
      <thead><tr><td></td><th scope="col">own class</th><th scope="col">by chance</th><th scope="col">own source</th><th scope="col">by chance</th>\(Markup(spreadHeads, separator: ""))</tr></thead>
      <tbody>
      \(Markup(spaces))
      </tbody></table></div>
      <div class="scroll"><table>
      <caption>The maps. Trustworthiness is low where sounds that are not neighbours are shown as such, continuity where neighbours are separated (Venna &amp; Kaski 2001; 1 is best, 0.5 a random map); neighbours kept is the share of the \(atlas.nearest) nearest that are also nearest on the map</caption>
      <thead><tr><td></td><th scope="col">variance shown</th><th scope="col">trustworthiness</th><th scope="col">continuity</th><th scope="col">neighbours kept</th></tr></thead>
      <tbody>
      \(Markup(maps))
      </tbody></table></div></details>
      """
  }
}

import Basics
import Foundation
import Pages
import Reporting

/// The page of `Examples`, from the cases down to the one-shots. Sounds that it plays are noted on the way, for the
/// list of licences.
struct ExamplesPage {
  private let examples: Examples
  /// Returns the address, on the page, of the copy of a sound.
  private let path: (URL) throws -> String
  private var heard: [(name: String, source: String, licence: String)] = []

  private var evaluation: Evaluation { examples.findings.evaluation }
  private var test: TestSet { evaluation.test }

  init(_ examples: Examples, path: @escaping (URL) throws -> String) {
    self.examples = examples
    self.path = path
  }

  mutating func html() throws -> String {
    let cases = try examples.cases.enumerated().map { try section(number: $0, of: $1) }
    let systems = examples.runs.map(\.name), version = examples.findings.version
    return Page(
      title: "\(systems[0]): examples to listen to", generator: "Earshot \(version)",
      style: ResultPage.style + String(decoding: PackageResources.examples_css, as: UTF8.self),
      scripts: [String(decoding: PackageResources.examples_js, as: UTF8.self)], allowed: ["media-src": "'self' file:"],
      body: """
        <header>
        <p class="eyebrow">Examples to listen to</p>
        <h1>What is ranked first for each drum</h1>
        </header>
        <p>For each drum of a mix: the one-shot that really plays, and the first \(Examples.depth) of \(test.pool.count) according to \(systems.joined(separator: " and "))\(examples.onePerGroup ? ", with only the nearest of each instrument" : ""). The mixes are the best, the median and the worst by the mean reciprocal rank of \(systems[0]), and two random ones. A mix repeats until you select it again.</p>
        <p id="state" role="status" class="small"></p>
        \(Markup(cases))
        <section aria-labelledby="licences">
        <h2 id="licences">Sounds, sources and licences</h2>
        <div class="scroll"><table>
        <thead><tr><th scope="col">sound</th><th scope="col">source</th><th scope="col">licence</th></tr></thead>
        <tbody>
        \(Markup(heard.map { "<tr><td>\($0.name)</td><td>\($0.source)</td><td>\($0.licence)</td></tr>" as Markup }))
        </tbody></table></div>
        </section>
        <footer>Made by Earshot \(version).</footer>
        """
    ).html
  }

  private mutating func section(number: Int, of shown: (kind: Examples.Kind, mix: Int)) throws -> Markup {
    let mix = test.mixes[shown.mix]
    note(mix.id, mix.source, mix.licence)
    let drums = try test.targets.indices.filter { test.targets[$0].mix == shown.mix }.map { try drum($0) }
    return """
      <section class="case" aria-labelledby="case\(number)">
      <h2 id="case\(number)">\(shown.kind.title)</h2>
      <p>\(try button("the mix: \(mix.id)", mix.file, loops: true))</p>
      \(Markup(drums))
      </section>
      """
  }

  private mutating func drum(_ target: Int) throws -> Markup {
    let candidate = test.targets[target].candidate, truth = test.pool[candidate]
    note(candidate)
    let rankings = try examples.runs.map { try ranking(by: $0, of: target) }
    return """
      <section class="drum" aria-label="\(truth.condition)">
      <h3>\(truth.condition)</h3>
      <p>\(try button("the true one: \(truth.id)", truth.file))</p>
      <div class="rankings">
      \(Markup(rankings))
      </div>
      </section>
      """
  }

  private mutating func ranking(by run: Run, of target: Int) throws -> Markup {
    let finding = run.findings[target][evaluation.ownPlace(target)]
    let items = try examples.listed(run.first[target]).enumerated().map { rank, shown -> Markup in
      note(shown.place)
      let candidate = test.pool[shown.place]
      let more: Markup = shown.more > 0 ? " <span class=\"mark\">and \(shown.more) like it</span>" : ""
      return
        "<li>\(try button("\(rank + 1). \(candidate.id)", candidate.file)) \(mark(shown.place, for: test.targets[target]))\(more)</li>"
    }
    return """
      <div class="ranking"><h4>\(run.name)</h4>
      <ol>\(Markup(items))</ol>
      <p class="small">the true one has rank \(number: finding.place, digits: 0) of \(test.pool.count)</p></div>
      """
  }

  /// A mark that says whether a one-shot in the ranking is right, or which class it is if that is not the target's.
  private func mark(_ place: Int, for target: TestSet.Target) -> Markup {
    let found = test.pool[place], playing = [target.candidate] + target.alsoRight
    if playing.contains(place) { return "<span class=\"mark right\">plays in the mix</span>" }
    if examples.onePerGroup, playing.contains(where: { test.pool[$0].group == found.group }) {
      return "<span class=\"mark right\">same instrument as in the mix</span>"
    }
    return found.condition != target.condition ? "<span class=\"mark wrong\">a \(found.condition)</span>" : ""
  }

  private func button(_ label: String, _ file: URL, loops: Bool = false) throws -> Markup {
    "<a class=\"play\" href=\"\(try path(file))\"\(loops ? " data-loop=\"yes\"" as Markup : "")>\(label)</a>"
  }

  /// Notes that the page plays a one-shot of the pool.
  private mutating func note(_ place: Int) {
    note(test.pool[place].id, test.facts[place].source, test.facts[place].licence)
  }

  private mutating func note(_ name: String, _ source: String, _ licence: String) {
    if !heard.contains(where: { $0.name == name }) { heard.append((name, source, licence)) }
  }
}

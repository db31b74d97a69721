import Basics
import Foundation
import Keys

/// Joins a definition with its tables: items, pools, stimuli, version, and any contradictions between them.
struct StudyAssembly {
  let definition: StudyDefinition
  let tables: StudyTables
  let types: [any TrialDesign]
  let look: StudyLook?
  let reader: YAMLReader
  private(set) var problems: [Problem] = []
  /// Problems with sound files: missing ones, and those that cannot be presented.
  private(set) var soundProblems: [Problem] = []
  private(set) var design: StudyDesign?

  init(definition: StudyDefinition, tables: StudyTables, types: [any TrialDesign], look: StudyLook?, reader: YAMLReader)
  {
    self.definition = definition
    self.types = types
    self.tables = tables
    self.look = look
    self.reader = reader
  }

  mutating func run(probe: SoundProbe?, progress: ProgressHandler?) {
    var draft = self
    let runs = StudyRules.paths(definition).map { Run(path: $0, block: $1) }
    let ofRankings = runs.map { source(of: $0) == .rankings }
    let asked = zip(runs, ofRankings).map { $1 ? draft.askedQueries($0) : [] }
    let rendered = zip(runs, ofRankings).map { $1 ? [] : draft.askedItems($0) }
    let systems = zip(runs, ofRankings).map { $1 ? draft.askedSystems($0) : [] }
    let isSound = tables.problems.isEmpty && draft.problems.allSatisfy { $0.severity == .warning }
    if tables.problems.isEmpty { problems = draft.problems }
    let pools = runs.indices.map { i in
      switch source(of: runs[i]) {
      case .rankings: draft.pools(runs[i], asked[i], systems[i])
      case .renderings: draft.pools(runs[i], rendered[i])
      case .sounds: draft.sets(runs[i], rendered[i])
      }
    }
    let blocks = zip(runs, pools).map { run, pools in
      draft.focused(pools.flatMap { type(of: run)?.pages(of: $0, in: run.block) ?? [$0] }, run)
    }
    // The pages of a block of unknown type cannot be counted.
    for (run, pages) in zip(runs, blocks) where types.contains(where: { $0.name == run.block.type }) {
      draft.checkTrials(run, pages)
    }
    for i in runs.indices where !ofRankings[i] { draft.checkItems(runs[i], pools[i]) }
    // If the tables or the choice of items are already wrong, consequences of that are not reported. The sounds are
    // still checked.
    if isSound { problems = draft.problems }
    // A sound that is also a candidate in a block of rankings is prepared only once, for that block.
    var stimuli = stimuli(zip(pools, ofRankings).flatMap { $1 ? $0 : [] }, asked.flatMap(\.self))
    let known = Set(stimuli.filter { $0.request.role == .candidate }.map(\.request.stimulus))
    let unchecked = Set(runs.indices.filter { runs[$0].block.trials.catches == 0 })
    stimuli += renderedStimuli(
      blocks.indices.filter { !ofRankings[$0] }.map { ($0, blocks[$0]) }.flatMap { i, pages in
        pages.map { (page: $0, hasChecks: !unchecked.contains(i), isInPlace: runs[i].block.switching == .inPlace) }
      }
    ).filter {
      $0.request.role == .query || !known.contains($0.request.stimulus)
    }
    if isSound { checkNames(stimuli) }
    guard let hashes = hashes(stimuli, probe, progress), isSound else { return }
    let heard = zip(stimuli, hashes).map { ($0, $1) }
    var made = StudyDesign(
      definition: definition, version: version(heard), blocks: blocks, stimuli: stimuli.map(\.request))
    made.designVersion = designVersion(heard)
    made.look = look
    design = made
  }

  /// A block, and the path that precedes its keys in the file.
  private struct Run {
    var path: String
    var block: StudyDefinition.Block

    /// The path of the question's key.
    var question: String { path.isEmpty ? "texts.question" : "\(path)question" }
  }

  /// Records a problem once, even if several blocks have it.
  private mutating func note(_ problem: Problem) {
    if !problems.contains(problem) { problems.append(problem) }
  }

  private mutating func warn(_ what: String, at path: String, mend: String) {
    note(Problem(what, at: reader.place(of: path), mend: mend, severity: .warning))
  }

  private mutating func fail(_ what: String, at path: String, mend: String) {
    note(Problem(what, at: reader.place(of: path), mend: mend))
  }

  private mutating func askedQueries(_ run: Run) -> [StudyTables.Query] {
    let trials = run.block.trials
    let names = Set(tables.queries.map(\.query)), conditions = Set(tables.queries.map(\.condition))
    for (i, query) in trials.queries.enumerated() where !names.contains(query) {
      fail(
        "there is no query '\(query)'", at: "\(run.path)trials.queries[\(i)]",
        mend: Suggestion.didYouMean(query, among: names.sorted()) ?? "Add it to '\(definition.sounds.queries)'.")
    }
    for (i, condition) in trials.conditions.enumerated() where !conditions.contains(condition) {
      fail(
        "no query is asked for '\(condition)'", at: "\(run.path)trials.conditions[\(i)]",
        mend: Suggestion.didYouMean(condition, among: conditions.sorted())
          ?? "The conditions are \(conditions.sorted().joined(separator: ", ")).")
    }
    for condition in definition.texts.conditions.keys.sorted() where !conditions.contains(condition) {
      warn(
        "no query is asked for '\(condition)'", at: "texts.conditions.\(condition)",
        mend: Suggestion.didYouMean(condition, among: conditions.sorted()) ?? "Leave it out.")
    }
    let asked = tables.queries.filter {
      (trials.queries.isEmpty || trials.queries.contains($0.query))
        && (trials.conditions.isEmpty || trials.conditions.contains($0.condition))
    }
    if asked.isEmpty, problems.allSatisfy({ $0.severity == .warning }) {
      fail(
        "no query is asked for any of these conditions", at: "\(run.path)trials.conditions",
        mend: "Leave 'queries' or 'conditions' out to ask for all.")
    }
    let inUse = Set(asked.map(\.condition)).subtracting([""]).sorted()
    if inUse.count > 1 {
      for (language, text) in run.block.question.sorted(by: { $0.key < $1.key })
      where !text.contains("{condition}") {
        warn(
          "the question (\(language)) does not say which of \(inUse.joined(separator: ", ")) is meant",
          at: run.question, mend: "Put {condition} in it.")
      }
    }
    if definition.languages.count > 1 {
      for condition in inUse where definition.texts.conditions[condition] == nil {
        warn(
          "'\(condition)' has the same name in every language", at: "texts.conditions",
          mend: "Add its words: {\(definition.languages.map { "\($0): …" }.joined(separator: ", "))}.")
      }
    }
    return asked
  }

  private func type(of run: Run) -> (any TrialDesign)? { types.first { $0.name == run.block.type } }

  private func source(of run: Run) -> StudyDefinition.SoundSource {
    type(of: run)?.source(of: run.block) ?? run.block.source ?? .rankings
  }

  /// What a block is made of that does not ask about rankings, and the table that lists it.
  private func items(of run: Run) -> (items: [StudyTables.RenderedItem], table: String, kind: String) {
    source(of: run) == .sounds
      ? (tables.soundItems, definition.sounds.candidates, "sound")
      : (tables.renderedItems, definition.sounds.renderings, "item")
  }

  /// The items of renderings, or the sounds, that the block asks about.
  private mutating func askedItems(_ run: Run) -> [StudyTables.RenderedItem] {
    let ((items, table, kind), trials) = (items(of: run), run.block.trials)
    let names = items.map(\.item), conditions = Set(items.map(\.condition)).subtracting([""]).sorted()
    for (i, item) in trials.queries.enumerated() where !names.contains(item) {
      fail(
        "there is no \(kind) '\(item)'", at: "\(run.path)trials.queries[\(i)]",
        mend: Suggestion.didYouMean(item, among: names) ?? "Add it to '\(table)'.")
    }
    for (i, condition) in trials.conditions.enumerated() where !conditions.contains(condition) {
      fail(
        "no \(kind) has the condition '\(condition)'", at: "\(run.path)trials.conditions[\(i)]",
        mend: Suggestion.didYouMean(condition, among: conditions)
          ?? "The conditions are \(conditions.joined(separator: ", ")).")
    }
    return items.filter {
      (trials.queries.isEmpty || trials.queries.contains($0.item))
        && (trials.conditions.isEmpty || trials.conditions.contains($0.condition))
    }
  }

  /// The versions of each item, in an order that does not depend on systems.
  private mutating func pools(_ run: Run, _ asked: [StudyTables.RenderedItem]) -> [StudyDesign.Item] {
    let wanted = run.block.pool.systems
    var systems: [String] = []
    for item in tables.renderedItems {
      for rendering in item.renderings where !rendering.isReference && !systems.contains(rendering.system) {
        systems.append(rendering.system)
      }
    }
    for (i, system) in wanted.enumerated() where !systems.contains(system) {
      fail(
        "the system '\(system)' has no renderings", at: "\(run.path)pool.systems[\(i)]",
        mend: Suggestion.didYouMean(system, among: systems)
          ?? "'\(definition.sounds.renderings)' has \(systems.joined(separator: ", ")).")
    }
    let shown = wanted.isEmpty ? systems : wanted
    var absent: [String: [String]] = [:]
    let pools = asked.map { item in
      for system in shown where !item.renderings.contains(where: { $0.system == system }) {
        absent[system, default: []].append(item.item)
      }
      let salt = "\(definition.trials.seed)/\(item.item)/"
      let versions = item.renderings.filter { shown.contains($0.system) && !$0.isReference }
        .map { (PlannedCandidate(item.stimulus($0), isAnchor: $0.system == "anchor", system: $0.system)) }
        .map { ($0, ContentHash.of(salt + $0.candidate)) }.sorted { $0.1 < $1.1 }.map(\.0)
      var pool = StudyDesign.Item(query: item.item, condition: item.condition, candidates: versions)
      pool.sound = item.reference.map { _ in item.item }
      pool.hiddenReference = item.reference.map {
        PlannedCandidate(item.stimulus($0), isReference: true, system: "reference")
      }
      pool.reference = pool.hiddenReference?.candidate
      return pool
    }
    let bare = pools.filter { $0.hiddenReference == nil }.map(\.query)
    if !bare.isEmpty, bare.count < pools.count {
      let names = bare.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      warn(
        "\(names)\(bare.count > 3 ? " and \(bare.count - 3) more" : "") \(OneAndMany.words(bare.count, "has", "have")) no reference, but other items have",
        at: "sounds.renderings",
        mend: "Their pages differ from the others' or ask something else. Add the rows, or leave out the items.")
    }
    for (system, items) in absent.sorted(by: { $0.key < $1.key }) {
      let names = items.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      warn(
        "\(system) has no rendering of \(names)\(items.count > 3 ? " and \(items.count - 3) more" : "")",
        at: "sounds.renderings",
        mend: "It is missing on their pages. Add the rows, or leave out the items or the system.")
    }
    return pools
  }

  /// The sounds of each condition, in an order that does not depend on the table.
  private mutating func sets(_ run: Run, _ asked: [StudyTables.RenderedItem]) -> [StudyDesign.Item] {
    if !run.block.pool.systems.isEmpty {
      fail("single sounds do not belong to a system", at: "\(run.path)pool.systems", mend: "Leave it out.")
    }
    var sets: [StudyDesign.Item] = []
    let salt = "\(definition.trials.seed)/"
    let names = asked.map { (name: $0.item, condition: $0.condition, order: ContentHash.of(salt + $0.item)) }
    for (name, condition, _) in names.sorted(by: { $0.order < $1.order }) {
      if let place = sets.firstIndex(where: { $0.condition == condition }) {
        sets[place].candidates.append(PlannedCandidate(name))
      } else {
        var set = StudyDesign.Item(
          query: condition.isEmpty ? "sounds" : condition, condition: condition, candidates: [PlannedCandidate(name)])
        set.sound = nil
        sets.append(set)
      }
    }
    sets.sort { $0.condition < $1.condition }
    for set in sets {
      guard let most = type(of: run)?.largestSet, set.candidates.count > most else { continue }
      fail(
        "\(set.candidates.count) sounds\(set.condition.isEmpty ? "" : " of '\(set.condition)'") are too many for '\(run.block.type)'",
        at: "\(run.path)type",
        mend: "Name at most \(most) in 'trials.queries', or divide them by the column 'condition'.")
      return []
    }
    return sets
  }

  /// The references for comparison, and the versions or sounds that pages show.
  /// - Parameter pages: each with whether its block has attention checks (without them, their sounds are prepared, too, but
  ///   do not count for what the versions of an item share), and whether its versions are switched in place.
  private func renderedStimuli(_ pages: [(page: StudyDesign.Item, hasChecks: Bool, isInPlace: Bool)]) -> [Sound] {
    typealias Made = (item: StudyTables.RenderedItem, rendering: StudyTables.Rendering)
    func made(_ items: [StudyTables.RenderedItem]) -> [String: Made] {
      var made: [String: Made] = [:]
      for item in items {
        for rendering in item.renderings { made[item.stimulus(rendering)] = (item, rendering) }
      }
      return made
    }
    var references: [String: Made] = [:]
    for item in tables.renderedItems { references[item.item] = item.reference.map { (item, $0) } }
    let (versions, alone) = (made(tables.renderedItems), made(tables.soundItems))
    var asked: [HeardVersion] = []
    var seen: Set<String> = []
    func ask(_ stimulus: String, _ role: StimulusRequest.Role, _ from: Made?, lowpass: Double? = nil) {
      guard let (item, rendering) = from, seen.insert(stimulus).inserted else { return }
      asked.append(HeardVersion(stimulus: stimulus, role: role, item: item, rendering: rendering, lowpass: lowpass))
    }
    var heard: Set<String> = [], besideOthers: Set<String> = []
    for (page, hasChecks, isInPlace) in pages {
      if isInPlace, page.candidates.count > 1 || page.sound != nil {
        besideOthers.formUnion(
          (page.candidates + page.catchCandidates).map(\.candidate) + (page.sound.map { [$0] } ?? []))
      }
      let isOfSystems = page.candidates.contains { $0.system != nil }
      heard.formUnion((page.candidates + (hasChecks ? page.catchCandidates : [])).map(\.candidate))
      for planned in page.candidates + page.catchCandidates {
        let name = planned.source?.rendering ?? planned.candidate
        ask(planned.candidate, .candidate, isOfSystems ? versions[name] : alone[name], lowpass: planned.source?.lowpass)
      }
      guard let sound = page.sound else { continue }
      if !isOfSystems {
        ask(sound, .candidate, alone[sound])  // One of the set, which the others are compared with.
      } else {
        let again = page.candidates.first { $0.again == sound }
        ask(sound, .query, again.flatMap { versions[$0.candidate] } ?? references[sound])
      }
    }
    let ofItems = Dictionary(grouping: asked.filter { heard.contains($0.stimulus) }, by: \.group)
    let switched = Set(asked.filter { besideOthers.contains($0.stimulus) }.map(\.group))
    return asked.map { one in
      var request = StimulusRequest(
        stimulus: one.stimulus, role: one.role, condition: one.role == .query ? "" : one.item.condition,
        file: one.rendering.file, lowpass: one.lowpass, licence: one.rendering.licence, source: one.rendering.source)
      request.alignment = alignment(one.item, ofItems[one.group] ?? [])
      request.alignment?.isSwitched = switched.contains(one.group)
      return Sound(request: request, place: one.rendering.row.place("file"))
    }
  }

  /// A version or sound that a page shows.
  private struct HeardVersion {
    var stimulus: String
    var role: StimulusRequest.Role
    var item: StudyTables.RenderedItem
    var rendering: StudyTables.Rendering
    var lowpass: Double?

    /// What it is aligned with: other versions of its item, or nothing but its own copies.
    var group: [String] { [item.item, rendering.system.isEmpty ? "alone" : "item"] }
  }

  /// What the versions of an item share depends on those that pages show, and on the reference.
  private func alignment(_ item: StudyTables.RenderedItem, _ heard: [HeardVersion]) -> StimulusRequest.Alignment {
    let shown = Set(heard.map(\.rendering.file))
    let lowpassed = heard.filter { $0.lowpass != nil }.map {
      StimulusRequest.Version(file: $0.rendering.file, lowpass: $0.lowpass)
    }
    return StimulusRequest.Alignment(
      files: (item.reference.map { [$0.file] } ?? [])
        + item.renderings.filter { !$0.isReference && shown.contains($0.file) }.map(\.file), lowpassed: lowpassed,
      hasReference: item.reference != nil, isAlone: item.renderings.allSatisfy(\.system.isEmpty))
  }

  private mutating func askedSystems(_ run: Run) -> [String] {
    let pool = run.block.pool
    for (i, system) in pool.systems.enumerated() where !tables.systems.contains(system) {
      fail(
        "the system '\(system)' has no rankings", at: "\(run.path)pool.systems[\(i)]",
        mend: Suggestion.didYouMean(system, among: tables.systems)
          ?? "'\(definition.sounds.rankings)' has \(tables.systems.joined(separator: ", ")).")
    }
    return pool.systems.isEmpty ? tables.systems : pool.systems
  }

  /// Remarks on a block's pools, collected so that each is reported once.
  private struct PoolNotes {
    /// Pages for which more candidates were proposed than fit.
    var thinned: [(name: String, proposed: Int)] = []
    /// By system: how many of its rankings are shorter than `top_k`.
    var short: [String: Int] = [:]
    /// By system: how many of its first candidates are of another condition.
    var strange: [String: Int] = [:]
    /// How many items have fewer fillers than asked for.
    var unfilled = 0
  }

  private mutating func pools(_ run: Run, _ asked: [StudyTables.Query], _ systems: [String]) -> [StudyDesign.Item] {
    var notes = PoolNotes()
    var items = asked.map { query in
      StudyDesign.Item(
        query: query.query, condition: query.condition, reference: query.reference,
        candidates: pool(run, query, systems, &notes))
    }
    warn(of: notes, run, asked.count)
    let heard = Set(items.flatMap { $0.candidates.filter { !$0.isAnchor }.map(\.candidate) })
    if run.block.trials.catches > 0 {
      for (i, query) in asked.enumerated() {
        items[i].catchCandidates = CandidatePool.catchCandidates(
          query, count: items[i].candidates.count, heard: heard, tables: tables, seed: definition.trials.seed)
      }
    }
    return items
  }

  /// The candidates of one page.
  private mutating func pool(
    _ run: Run, _ query: StudyTables.Query, _ systems: [String], _ notes: inout PoolNotes
  ) -> [PlannedCandidate] {
    let settings = run.block.pool
    let name = query.condition.isEmpty ? "'\(query.query)'" : "'\(query.query)' and '\(query.condition)'"
    var rankings: [Ranking] = []
    for system in systems {
      guard let ranking = tables.rankings[.init(query: query.query, condition: query.condition, system: system)]
      else {
        note(
          Problem(
            "\(system) has no ranking for \(name)", at: query.row.place("query"),
            mend:
              "Add it to '\(definition.sounds.rankings)', or leave the query ('trials.queries') or the system ('pool.systems') out."
          ))
        continue
      }
      if ranking.entries.count < settings.topK { notes.short[system, default: 0] += 1 }
      rankings.append(ranking)
    }
    if query.reference == nil, settings.hiddenReference || settings.anchorLowpass != nil {
      note(
        Problem(
          "\(name) has no reference", at: query.row.place(),
          mend:
            "Fill in the column 'reference', or set 'pool.hidden_reference: false' and 'pool.anchor_lowpass_hz: none'."
        ))
    }
    let pool = CandidatePool(query, rankings: rankings, tables: tables, pool: settings, seed: definition.trials.seed)
    if pool.proposed > pool.candidates.count { notes.thinned.append((name, pool.proposed)) }
    notes.strange.merge(pool.strange, uniquingKeysWith: +)
    if pool.fillers < settings.randomFillers { notes.unfilled += 1 }
    if pool.candidates.count < 2, rankings.count == systems.count {
      note(Problem("\(name) has fewer than two candidates", at: query.row.place(), mend: "Raise 'pool.top_k'."))
    }
    return pool.candidates
  }

  private mutating func warn(of notes: PoolNotes, _ run: Run, _ items: Int) {
    for (system, count) in notes.short.sorted(by: { $0.key < $1.key }) {
      warn(
        "\(system) ranks fewer than \(run.block.pool.topK, "candidate") for \(count) of \(items, "item")",
        at: "\(run.path)pool.top_k", mend: "It is represented less than the others.")
    }
    for (system, count) in notes.strange.sorted(by: { $0.key < $1.key }) {
      warn(
        "\(count) of the first candidates of \(system) have a different condition from the one asked for",
        at: "\(run.path)pool.top_k",
        mend: "This is right if it ranks all conditions together. Otherwise, check its rankings.")
    }
    if notes.unfilled > 0 {
      warn(
        "\(notes.unfilled) of \(items, "item") \(OneAndMany.words(notes.unfilled, "has", "have")) fewer fillers than asked for",
        at: "\(run.path)pool.random_fillers",
        mend:
          "Fillers are other candidates of the item's condition. Add some to '\(definition.sounds.candidates)', or its column 'condition'."
      )
    }
    if let worst = notes.thinned.max(by: { $0.proposed < $1.proposed }) {
      let count = notes.thinned.count
      warn(
        "\(count) of \(items, "item") \(OneAndMany.words(count, "has", "have")) more candidates than fit on a page (\(worst.name) has \(worst.proposed))",
        at: "\(run.path)pool.max_per_trial",
        mend: "The last ranks and the fillers are left out, evenly across systems. Raise it, or lower 'top_k'.")
    }
  }

  /// Reports items of renderings that give no page.
  private mutating func checkItems(_ run: Run, _ pools: [StudyDesign.Item]) {
    guard let type = type(of: run) else { return }
    let (table, bare) = (items(of: run).table, pools.filter { type.pages(of: $0, in: run.block).isEmpty })
    for pool in bare.prefix(5) {
      let why =
        source(of: run) == .sounds
        ? "has too few sounds"
        : pool.hiddenReference == nil ? "has no reference, or too few versions" : "has too few versions"
      let what = "'\(pool.query)' \(why) for '\(type.name)'"
      if bare.count == pools.count {
        fail(what, at: "\(run.path)type", mend: "Add its rows to '\(table)'.")
      } else {
        warn(what, at: "\(run.path)type", mend: "It is left out. Add its rows to '\(table)', if they are missing.")
      }
    }
    if bare.count > 5 {
      warn("the same is true of \(bare.count - 5) more items", at: "\(run.path)type", mend: "Look at '\(table)'.")
    }
  }

  /// Marks the pages that distinguish the two systems of `trials.focus`: pages whose two candidates the systems rank in
  /// different order or, for renderings, pages with one version by each.
  private mutating func focused(_ pages: [StudyDesign.Item], _ run: Run) -> [StudyDesign.Item] {
    guard let systems = focusedSystems(pages, run) else { return pages }
    let isOfRankings = source(of: run) == .rankings
    var pages = pages, orders = OrdersOfTwo(systems, tables)
    for i in pages.indices {
      pages[i].isInFocus =
        isOfRankings ? orders.differ(on: pages[i]) : Set(pages[i].candidates.map(\.system)) == Set(systems)
    }
    let count = pages.count(where: \.isInFocus), at = "\(run.path)trials.focus"
    if count == 0 {
      fail(
        "no page distinguishes '\(systems[0])' from '\(systems[1])'", at: at,
        mend: isOfRankings
          ? "They order all pairs of candidates in a pool in the same way. Raise 'pool.top_k', or leave it out."
          : "No item has versions by both. Add their rows, or leave it out.")
    } else if let trials = run.block.trials.perParticipant, trials < pages.count {
      if trials < 2 {
        fail(
          "a single trial per participant cannot cover both kinds of pages", at: at,
          mend: "Raise 'trials.per_participant', or leave it out.")
      } else if count == pages.count {
        warn("all pages distinguish the two", at: at, mend: "It has no effect; you can leave it out.")
      }
    } else {
      warn(
        "every participant is shown all pages", at: at, mend: "It has no effect without 'trials.per_participant'.")
    }
    return pages
  }

  /// The two systems of `trials.focus`. Nil if there is none, or if they are invalid.
  private mutating func focusedSystems(_ pages: [StudyDesign.Item], _ run: Run) -> [String]? {
    let (systems, source) = (run.block.trials.focus, source(of: run)), at = "\(run.path)trials.focus"
    guard let type = type(of: run), !systems.isEmpty else { return nil }
    guard type.takesFocus, source != .sounds else {
      fail(
        "a block of '\(type.name)'\(source == .sounds ? " of single sounds" : "") does not compare two systems page by page",
        at: at, mend: "Leave it out; 'triplet' of rankings and 'ab' take it.")
      return nil
    }
    let known =
      source == .rankings ? tables.systems : Set(pages.flatMap(\.candidates).compactMap(\.system)).sorted()
    for (i, system) in systems.enumerated() where !known.contains(system) {
      fail(
        "there is no system '\(system)'", at: "\(at)[\(i)]",
        mend: Suggestion.didYouMean(system, among: known) ?? "The systems are \(known.joined(separator: ", ")).")
    }
    guard systems.count == 2, systems[0] != systems[1] else {
      fail("'trials.focus' names \(Set(systems).count, "system")", at: at, mend: "Name two, or none.")
      return nil
    }
    return systems.allSatisfy(known.contains) ? systems : nil
  }

  /// How two systems rank the two candidates of a page.
  private struct OrdersOfTwo {
    private let systems: [String]
    private let tables: StudyTables
    private var places: [StudyTables.Asked: [String: Int]] = [:]

    init(_ systems: [String], _ tables: StudyTables) { (self.systems, self.tables) = (systems, tables) }

    /// False if one of the systems does not rank both candidates.
    mutating func differ(on page: StudyDesign.Item) -> Bool {
      var orders: [Int] = []
      for system in systems {
        guard let first = rank(system, page, 0), let second = rank(system, page, 1) else { return false }
        orders.append((first - second).signum())
      }
      return orders[0] != orders[1]
    }

    private mutating func rank(_ system: String, _ page: StudyDesign.Item, _ candidate: Int) -> Int? {
      let asked = StudyTables.Asked(query: page.query, condition: page.condition, system: system)
      if places[asked] == nil {
        let entries = tables.rankings[asked]?.entries ?? []
        places[asked] = Dictionary(entries.map { ($0.candidate, $0.rank) }, uniquingKeysWith: { first, _ in first })
      }
      return places[asked]?[page.candidates[candidate].candidate]
    }
  }

  private mutating func checkTrials(_ run: Run, _ items: [StudyDesign.Item]) {
    let trials = run.block.trials
    let main = min(trials.perParticipant ?? items.count, items.count)
    if let wanted = trials.perParticipant, wanted > items.count {
      fail(
        "'trials.per_participant' is \(wanted), but there \(OneAndMany.words(items.count, "is", "are")) \(items.count, "item")",
        at: "\(run.path)trials.per_participant",
        mend: "Write \(items.count) or less, or all.")
    }
    if trials.repeats > main / 2 {
      fail(
        "\(trials.repeats, "repeat") of \(main, "trial") cannot be spaced far enough apart",
        at: "\(run.path)trials.repeats",
        mend: "Write at most \(main / 2).")
    }
    if trials.catches > main {
      fail(
        "\(trials.catches, "catch") cannot be spread over \(main, "trial")", at: "\(run.path)trials.catches",
        mend: "Write at most \(main); one in eight is usual.")
    }
    if trials.training > items.count {
      fail(
        "there \(OneAndMany.words(items.count, "is", "are")) \(items.count, "item") for \(trials.training, "training trial")",
        at: "\(run.path)trials.training",
        mend: "Write \(items.count) or less.")
    }
    let most = items.map(\.candidates.count).max() ?? 0
    if source(of: run) == .renderings, most > 15 {
      warn(
        "there are \(most) versions on a page", at: "\(run.path)pool.systems",
        mend:
          "ITU-R BS.1534-3 advises at most 15 with reference and anchors, 12 of them systems. A phone shows five at once: name fewer in 'pool.systems'."
      )
    }
    if trials.catches > 0, items.allSatisfy(\.catchCandidates.isEmpty) {
      fail(
        "no attention check can be made", at: "\(run.path)trials.catches",
        mend: source(of: run) == .rankings
          ? "References and candidates of other conditions are needed. Set 'catches: 0'."
          : source(of: run) == .sounds
            ? "Single sounds do not allow one for this type. Set 'catches: 0'."
            : "Items with a reference are needed. Set 'catches: 0'.")
    }
  }

  /// Reports queries and candidates of the same name, since both are names of stimuli.
  private mutating func checkNames(_ sounds: [Sound]) {
    let queries = Set(sounds.filter { $0.request.role == .query }.map(\.request.stimulus))
    for sound in sounds where sound.request.role == .candidate && queries.contains(sound.request.stimulus) {
      note(
        Problem(
          "'\(sound.request.stimulus)' names both a query and a candidate", at: sound.place,
          mend: "Rename one of them."))
    }
  }

  private struct Sound {
    var request: StimulusRequest
    var place: Place
  }

  private func stimuli(_ items: [StudyDesign.Item], _ asked: [StudyTables.Query]) -> [Sound] {
    let lowpass = definition.runs.compactMap(\.pool.anchorLowpass).first
    var seen: Set<String> = []
    var sounds: [Sound] = []
    for query in asked where seen.insert("query \(query.query)").inserted {
      sounds.append(
        Sound(
          request: StimulusRequest(
            stimulus: query.query, role: .query, condition: "", file: query.file, licence: query.licence,
            source: query.source), place: query.row.place("file")))
    }
    for planned in items.flatMap({ $0.candidates + $0.catchCandidates })
    where seen.insert("candidate \(planned.candidate)").inserted {
      let name = planned.isAnchor ? String(planned.candidate.dropFirst("anchor:".count)) : planned.candidate
      guard let candidate = tables.candidates[name] else { continue }
      sounds.append(
        Sound(
          request: StimulusRequest(
            stimulus: planned.candidate, role: .candidate, condition: candidate.condition, file: candidate.file,
            lowpass: planned.isAnchor ? lowpass : nil, licence: candidate.licence,
            source: candidate.source), place: candidate.row.place("file")))
    }
    return sounds
  }

  /// The hash of every sound's file. Nil if some are missing or unreadable.
  private mutating func hashes(_ sounds: [Sound], _ probe: SoundProbe?, _ progress: ProgressHandler?) -> [String]? {
    let rules = definition.sounds
    let results = try? parallelMap(sounds, progress: progress) { sound -> Result<String, Problem> in
      let name = sound.request.file.lastPathComponent
      let missing = Problem(
        "there is no sound file '\(sound.request.file.relativePath)'", at: sound.place,
        mend: NamedFile.lookalike(sound.request.file)
          ?? "Paths start at the folder of the table. Fix the path, or create the file.")
      guard FileManager.default.fileExists(atPath: sound.request.file.path) else { return .failure(missing) }
      do {
        let hash = try ContentHash.ofFile(sound.request.file)
        try probe?(sound.request, hash, rules)
        return .success(hash)
      } catch let problem as Problem {
        return .failure(Problem("'\(name)': \(problem.what)", at: sound.place, mend: problem.mend))
      } catch { return .failure(Problem("'\(name)': \(error)", at: sound.place, mend: "Check that it can be read.")) }
    }
    var hashes: [String] = []
    for result in results ?? [] {
      switch result {
      case .success(let hash): hashes.append(hash)
      case .failure(let problem): if !soundProblems.contains(problem) { soundProblems.append(problem) }
      }
    }
    return hashes.count == sounds.count ? hashes : nil
  }

  /// Hashes study.yaml, the tables byte by byte, and the content of every sound that may be heard. Only keys that
  /// differ from their default count, so comments, the order of keys, and keys added by later versions of Earshot do
  /// not matter. How listeners join and leave is left out.
  private func version(_ sounds: [(Sound, String)]) -> String {
    var hash = ContentHash()
    // Raise this whenever the same study would be pooled or planned differently.
    hash.update(part: "rules", Data("1".utf8))
    let defaults = StudyDefinition()
    let said = StudyKeys.study.flatMap { $0.documented(definition, "") }
    let unsaid = Dictionary(
      uniqueKeysWithValues: StudyKeys.study.flatMap { $0.documented(defaults, "") }.map { ($0.path, $0.value) })
    for key in said.sorted(by: { $0.path < $1.path })
    where key.value != unsaid[key.path] && !Self.apart.contains(where: key.path.hasPrefix) {
      hash.update(part: key.path, Data(key.value.utf8))
    }
    if let look { hash.update(part: "look", Data(look.edition.utf8)) }
    add(sounds, to: &hash)
    return hash.finish()
  }

  /// Sections that are not part of the version.
  private static let apart = ["joining.", "leaving.", "flags."]

  /// Hashes what determines plans, sounds, scales and questions: like `version`, but without wording and without how
  /// listeners join and leave. Keys added by later versions of Earshot do not matter unless they are given.
  private func designVersion(_ sounds: [(Sound, String)]) -> String {
    var hash = ContentHash()
    hash.update(part: "rules of designs", Data("1".utf8))
    let said = KeyReader.design(StudyKeys.study, definition, StudyDefinition()) ?? ""
    hash.update(part: "study", Data(said.utf8))
    // Breaks by expected time are steps, and where they come depends on this time.
    for (place, run) in definition.runs.enumerated() where run.pauseMinutes > 0 {
      let seconds = run.trials.secondsPerCandidate
      guard seconds != StudyDefinition.Trials().secondsPerCandidate else { continue }
      hash.update(part: "seconds per candidate \(place)", Data(seconds.cellText.utf8))
    }
    add(sounds, to: &hash)
    return hash.finish()
  }

  private func add(_ sounds: [(Sound, String)], to hash: inout ContentHash) {
    for table in tables.contents { hash.update(part: "table \(table.role)", table.data) }
    for (sound, content) in sounds.sorted(by: { $0.0.request.stimulus < $1.0.request.stimulus }) {
      let lowpass = sound.request.lowpass.map(\.cellText) ?? ""
      hash.update(part: "\(sound.request.role.rawValue) \(sound.request.stimulus) \(lowpass)", Data(content.utf8))
    }
  }
}

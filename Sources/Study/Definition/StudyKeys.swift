import Foundation

/// All keys of `study.yaml`: the one table from which the file is read and documented.
public enum StudyKeys {
  /// Every key, sections before the keys in them.
  public static let all: [DocumentedKey] = study.flatMap { $0.documented(StudyDefinition(), "") }

  /// `study.yaml` as a JSON Schema; see `KeySchema`.
  /// - Parameter types: the names of the trial types.
  public static func schema(types: [String]) throws -> Data {
    try KeySchema.document(
      study, StudyDefinition(), title: "study.yaml of Earshot",
      description: "A listening test: earshot help study explains every key.", types: types)
  }

  static let study: [KeyReader<StudyDefinition>] = [
    .title(
      "title", \.title, \.titles,
      "The study's name, as participants see it: one, or one for each language. What the experimenter sees is the first language's.",
      "title: Which drum sounds alike?"
    ).besideDesign(),
    .names(
      "languages", \.languages,
      "The languages of the pages, as BCP 47 codes. The first is the default. Every text must be given in each.",
      "languages: [en, de]"
    ).besideDesign(),
    .section("texts", \.texts, "What participants read. Each text is written in one of the four ways above.", texts),
    .section("sounds", \.sounds, "Where the sounds and rankings are, and how they are prepared.", sounds),
    .section("pool", \.pool, "Which candidates a trial shows.", pool),
    .section("trials", \.trials, "What each participant is asked.", trials),
    .section("scale", \.scale, "How a candidate is rated.", scale),
    .number(
      "must_hear_s", \.leastHearing.seconds, 0...600, unit: " s",
      "Each sound must be heard so long, all times together, before it is judged; one that is shorter, as long as it is. So must the loop, the reference or X before the page is left. 0: any start will do.",
      "must_hear_s: 2"
    ).later(unsaid: "3"),
    .number(
      "must_hear_share", \.leastHearing.share, 0...1,
      "So large a part of each sound must be heard before it is judged, all times together; 1: as long as it is. Where `must_hear_s` asks for more, that holds.",
      "must_hear_share: 0.5"
    ).later(unsaid: "0"),
    .section("consent", \.consent, "What participants agree to before anything else.", consent),
    .list(
      "questionnaire", \.questionnaire, new: { _ in .init() },
      "What is asked before the trials; each item is a column of participants.csv.", question),
    .list(
      "closing_questionnaire", \.closing, new: { _ in .init() },
      "What is asked after all trials, whatever the order of blocks, as `questionnaire`.", question
    ).briefly("closing_questionnaire: [{id: remarks, kind: long_text, text: Anything to add?}]").later(unsaid: "[]"),
    .section("headphones", \.headphones, "The headphone check before the trials.", headphones),
    .section("finish", \.finish, "What follows the last trial.", finish).besideDesign(),
    .section(
      "look", \.look,
      "The study's own look: a logo, a font, colours. Contrasts are checked. The lab's page keeps Earshot's.", look
    ).besideDesign(),
    .section(
      "leaving", \.leaving,
      "How listeners leave before the last step. Each way may have a `text` (Markdown, in place of Earshot's own words), a `code` that is shown to be copied, and a `redirect`, as `finish` has them. It is no part of the study's version.",
      leaving
    ).besideDesign(),
    .choice(
      "block_order", \.blockOrder,
      "For `blocks`: `written`: in the order of the file; `shuffled`: at random; `balanced`: each block as often at each place, over the participants.",
      "block_order: balanced"),
    .names(
      "groups", \.groups,
      "Groups of listeners that are given other blocks, as the `groups` of a block say. Newcomers are dealt out evenly, or come by a link with `?group=NAME`, which they can read.",
      "groups: [a, b]"),
    .list(
      "blocks", \.blocks, new: { StudyDefinition.Block(inheriting: $0) },
      "Runs of trials, one type each. Without it the study is one block of similarity. `pool`, `trials` and `scale` hold for every block that does not say otherwise.",
      block),
    .section(
      "joining", \.joining,
      "How listeners come and whether they may come again. It is no part of the study's version, so it may be changed while listeners are under way.",
      joining
    ).besideDesign(),
    .section(
      "flags", \.flags,
      "By which rules a finished session is flagged: in the column `flags` of participants.csv, and not counted among `joining.listeners`. Nobody is told, and nothing is left out. The rules count when a session is finished. They are no part of the study's version.",
      flags
    ).besideDesign(),
  ]

  static let texts: [KeyReader<StudyDefinition.Texts>] = [
    .text(
      "welcome", \.welcome, markdown: true, "The first page, above the consent.", "welcome: {file: texts/welcome.md}"),
    .text(
      "instructions", \.instructions, markdown: true, "Shown before the training trials.",
      "instructions: {file: \"texts/{language}/instructions.md\"}"),
    .text(
      "question", \.question, markdown: false,
      "The line at the top of each trial, where the study has no `blocks`. `{condition}` is filled in with the words of `texts.conditions`.",
      "question: \"How similar is each sample to the {condition} in this loop?\""
    ).neededElsewhere(),
    .text("finish", \.finish, markdown: true, "The last page.", "finish: Thank you for listening!"),
    .texts(
      "conditions", \.conditions, "How a condition is called on the pages; its own name where it is not given.",
      "conditions: {hihat: {en: hi-hat, de: Hi-Hat}}"),
    .texts(
      "pages", \.pages,
      "What the pages themselves say, in other words, by the names of `Public/words/de.json`: buttons, hints, notices. Places such as `{letter}` are filled in as there.",
      "pages: {begin: Start, trial.toDo.say: \"judge {list}\"}"
    ).later(unsaid: "{}"),
  ]

  static let sounds: [KeyReader<StudyDefinition.Sounds>] = [
    .line(
      "queries", \.queries,
      "A table, relative to the study's folder: query, file (relative to the table), and where they apply condition, reference (the candidate that truly plays), licence, source. One row per query and condition.",
      "queries: sounds/mixes/mixes.csv"),
    .line(
      "candidates", \.candidates,
      "A table: candidate, file (relative to the table), and where they apply condition, licence, source.",
      "candidates: sounds/library/library.csv"),
    .line(
      "rankings", \.rankings,
      "A table: query, condition, system, rank (from 1) or distance (smaller is nearer), candidate.",
      "rankings: sounds/rankings.csv"),
    .line(
      "renderings", \.renderings,
      "For blocks that compare versions of the same material: a table of item, system, file (relative to the table), and where they apply reference (yes for the item's reference, or its file), condition, licence, source. A system `reference` is the reference as well.",
      "renderings: sounds/renderings.csv"),
    .choice(
      "renderings_level", \.renderingsLevel,
      "`item`: one gain for all versions of an item, by which the reference, or the loudest version, has `query_loudness_lufs`, or a sound by itself `candidate_loudness_lufs`; `as_is`: no gain. Nothing is trimmed in either case.",
      "renderings_level: as_is"),
    .number(
      "query_loudness_lufs", \.queryLoudness, -40 ... -6, unit: " LUFS",
      "Integrated loudness of the queries (ITU-R BS.1770).", "query_loudness_lufs: -23"),
    .number(
      "candidate_loudness_lufs", \.candidateLoudness, -40 ... -6, unit: " LUFS",
      "Maximum momentary loudness of the candidates, which works below 400 ms; docs/stimuli.md has the rule.",
      "candidate_loudness_lufs: -27"),
    .number(
      "true_peak_ceiling_dbtp", \.truePeakCeiling, -12...0, unit: " dBTP",
      "No stimulus exceeds it; one that would is played softer, as stimuli.csv tells.", "true_peak_ceiling_dbtp: -1"),
    .integer(
      "sample_rate_hz", \.sampleRate, 8000...192_000, unit: " Hz", "All stimuli are resampled to it.",
      "sample_rate_hz: 44100"),
    .number(
      "candidate_max_s", \.candidateMaxDuration, 0.05...60, unit: " s", "Longer candidates are faded out here.",
      "candidate_max_s: 3"),
  ]

  static let pool: [KeyReader<StudyDefinition.Pool>] = [
    .names(
      "systems", \.systems, "The systems whose candidates are shown; an empty list means all in the rankings.",
      "systems: [mymodel, mfcc, random]"),
    .integer("top_k", \.topK, 0...50, "The first so many candidates of each system.", "top_k: 3"),
    .integer(
      "random_fillers", \.randomFillers, 0...50,
      "Candidates of the condition that no system put among its first, drawn with the study's seed: they show what chance is rated.",
      "random_fillers: 1"),
    .flag(
      "hidden_reference", \.hiddenReference, "Whether the true sample is among the candidates, unmarked.",
      "hidden_reference: true"),
    .optionalNumber(
      "anchor_lowpass_hz", \.anchorLowpass, 100...20_000, unit: " Hz", or: "none",
      "The true sample, low-passed at this frequency, is among the candidates, unmarked: a known middle of the scale.",
      "anchor_lowpass_hz: 3500"),
    .integer(
      "max_per_trial", \.maxPerTrial, 2...26,
      "At most so many candidates on one page. From a larger pool the reference and the anchor stay, then the systems' candidates rank by rank, then the fillers; `earshot check` says how many are left out.",
      "max_per_trial: 8"),
  ]

  static let trials: [KeyReader<StudyDefinition.Trials>] = [
    .names(
      "queries", \.queries, "The queries that are asked for; an empty list means all in the table.",
      "queries: [loop01, loop02]"),
    .names(
      "conditions", \.conditions, "The conditions that are asked for; an empty list means all in the table.",
      "conditions: [kick, snare]"),
    .optionalInteger(
      "per_participant", \.perParticipant, 1...500, or: "all",
      "Trials of the main block for each participant. With fewer than there are items (a query and a condition), the items are dealt out so that all are shown equally often.",
      "per_participant: 12"),
    .integer("training", \.training, 0...20, "Trials for practice, told as such and not analysed.", "training: 1"),
    .integer(
      "repeats", \.repeats, 0...50,
      "Trials shown a second time, at a distance and with other positions, to measure each listener's consistency.",
      "repeats: 1"),
    .integer(
      "catches", \.catches, 0...20,
      "Trials that check attention: an ordinary-looking one whose candidates are all of another condition but for the true sample. To pass, rate that one highest.",
      "catches: 1"),
    .choice(
      "order", \.order,
      "`shuffled`: all trials at random; `blocked`: one condition after another, in balanced order; `written`: in the order of the tables, for all listeners the same.",
      "order: shuffled"),
    .seed(
      "seed", \.seed, "All that is random in pools and plans follows from it.", "seed: 2024"),
    .number(
      "seconds_per_candidate", \.secondsPerCandidate, 0.5...120, unit: " s",
      "A trial is expected to take so long for each candidate: for the time left that participants see, and for `earshot check`.",
      "seconds_per_candidate: 5"
    ).besideDesign(),
    .number(
      "compare_s", \.compareSeconds, 0...600, unit: " s",
      "Where listeners let the loop be played before each sample (Compare), so much of its beginning is; 0: all of it.",
      "compare_s: 3"
    ).later(unsaid: "0"),
    .names(
      "focus", \.focus,
      "For `triplet` of rankings and `ab`: two systems whose comparison gets most of the trials: pages whose two samples these systems order differently or, of versions, pages of one of each. The rest is asked more rarely, with a chance that is known, and the report counts each answer accordingly. An empty list: all pages are asked equally often.",
      "focus: [conditional, mfcc]"
    ).later(unsaid: "[]"),
    .number(
      "focus_share", \.focusShare, 0.05...0.95,
      "With `focus`: such a part of a participant's trials (`per_participant`) is of pages that tell the two apart; at least one trial is of each kind.",
      "focus_share: 0.8"
    ).later(unsaid: "0.8"),
  ]

  static let scale: [KeyReader<StudyDefinition.Scale>] = [
    .choice(
      "kind", \.kind, "`slider`: continuous, in whole numbers; `likert`: a button for each point.", "kind: slider"),
    .integer("min", \.minimum, -1000...1000, "The lowest rating.", "min: 0"),
    .integer("max", \.maximum, -1000...1000, "The highest rating; higher is more similar.", "max: 100"),
    .text("low", \.low, markdown: false, "The words at the low end.", "low: not at all alike"),
    .text("high", \.high, markdown: false, "The words at the high end.", "high: the same sound"),
    .flag("show_value", \.showValue, "Whether a slider shows its number.", "show_value: false"),
  ]

  static let block: [KeyReader<StudyDefinition.Block>] = [
    .line(
      "name", \.name, required: true, "The block's name: small letters, digits and underscores.", "name: nearer"),
    .line("type", \.type, "The trial type; `earshot new --list-types` lists them.", "type: triplet").amongTypes(),
    .names(
      "groups", \.groups, "The groups of listeners who are given the block; an empty list means all.", "groups: [a]"
    ).later(unsaid: "[]"),
    .text(
      "question", \.question, markdown: false, required: true,
      "The line at the top of each trial. `{condition}` is filled in with the words of `texts.conditions`.",
      "question: Which sample is nearer to the {condition} in this loop?"),
    .optionalText(
      "instructions", \.instructions, "Shown before the block; none if it is not given.",
      "instructions: {file: texts/welcome.md}"
    ).asStep(\.instructions),
    .optionalText(
      "break", \.pause, "A page of rest before the block; none if it is not given.",
      "break: Take a rest. Go on when you like."
    ).asStep(\.pause),
    .integer(
      "break_every", \.pauseEvery, 0...1000,
      "A page of rest, with the words of `break` where there are some, behind each so many of its trials, practice aside; 0: none.",
      "break_every: 20"
    ).later(unsaid: "0"),
    .number(
      "break_every_min", \.pauseMinutes, 0...600, unit: " min",
      "The same behind each so many minutes, as trials are expected to take them (`seconds_per_candidate`); 0: none.",
      "break_every_min: 10"
    ).later(unsaid: "0"),
    .number(
      "break_least_s", \.pauseLeast, 0...3600, unit: " s",
      "How long each page of rest must be rested on before one can go on; 0: it may be left at once.",
      "break_least_s: 60"
    ).later(unsaid: "0"),
    .integer(
      "max_plays", \.mostPlays, 0...100,
      "How often a sound may be played on its page, changes to it among them; what they are compared with is not counted. 0: as often as one likes.",
      "max_plays: 1"
    ).later(unsaid: "0"),
    .flag(
      "rate_while_playing", \.judgesWhilePlaying,
      "For versions of the same material, which play round and round: whether only the one that is heard can be rated.",
      "rate_while_playing: true"
    ).later(unsaid: "false"),
    .flag(
      "training_feedback", \.givesFeedback,
      "For `abx`, `odd-one-out` of versions, `bs1116` and `triplet`: whether a page of practice is followed by whether the answer was right.",
      "training_feedback: true"
    ).later(unsaid: "false"),
    .flag(
      "comments", \.takesComments,
      "Whether each page has room for a remark, which need not be filled in: comments.csv.", "comments: true"
    ).later(unsaid: "false"),
    .optionalChoice(
      "source", \.source, or: "by type",
      "What its trials are made of: `rankings` (`sounds.queries`, `candidates`, `rankings`), `renderings` (`sounds.renderings`) or `sounds` (`sounds.candidates` alone: a set for each condition). Each type has a usual one and refuses what it cannot ask about.",
      "source: rankings"
    ).later(unsaid: "by type"),
    .numbers(
      "anchors_lowpass_hz", \.anchors, 100...20_000, unit: " Hz",
      "For `mushra`: the reference, low-passed at each of these, is among the versions, unmarked (ITU-R BS.1534-3: 3.5 and 7 kHz).",
      "anchors_lowpass_hz: [3500]"
    ).later(unsaid: "[3500, 7000]"),
    .list(
      "scales", \.scales, new: { _ in .init() },
      "For `acr` and `dcr`: the scales of words on which each sound is rated, all on one page; one with the words of ITU-T P.800 if there are none.",
      ratingScale
    ).briefly("scales: [{name: signal, question: The voice?}, {name: overall, question: All in all?}]").later(
      unsaid: "[]"),
    .flag(
      "allow_neither", \.allowsNeither, "For `ab`: whether \"no difference\" may be answered.", "allow_neither: true"
    ).later(unsaid: "false"),
    .number(
      "must_hear_s", \.leastHearing.seconds, 0...600, unit: " s", "As `must_hear_s` above, for this block.",
      "must_hear_s: 2"
    ).later(unsaid: "3"),
    .number(
      "must_hear_share", \.leastHearing.share, 0...1, "As `must_hear_share` above, for this block.",
      "must_hear_share: 0.5"
    ).later(unsaid: "0"),
    .again("pool", \.pool, "As `pool` above, for this block.", pool, "pool: {top_k: 1}"),
    .again(
      "trials", \.trials, "As `trials` above, for this block; the seed is the study's.", trials,
      "trials: {per_participant: 20}"),
    .again("scale", \.scale, "As `scale` above, for this block.", scale, "scale: {min: 0, max: 10}"),
    .list(
      "questionnaire", \.questionnaire, new: { _ in .init() },
      "What is asked behind the block, as `questionnaire` above.", question

    ).briefly("questionnaire: [{id: ease, text: How easy was it?}]"),
  ]

  static let ratingScale: [KeyReader<StudyDefinition.RatingScale>] = [
    .line(
      "name", \.name, required: true, "What the tables call it: small letters, digits and underscores.", "name: noise"),
    .optionalText(
      "question", \.question, markdown: false, "The line above its words; none if it is not given.",
      "question: How disturbing is the noise?"),
    .textList(
      "labels", \.labels,
      "Its words, from the best to the worst: with five of them the best counts 5 and the worst 1. Those of ITU-T P.800 if they are not given.",
      "labels: [not noticeable, a little, clearly, disturbing]"),
  ]

  static let consent: [KeyReader<StudyDefinition.Consent>] = [
    .text(
      "text", \.text, markdown: true, required: true,
      "What participants agree to: who runs the study, what is stored, how to withdraw.",
      "text: {file: texts/consent.md}"),
    .text(
      "agree", \.agree, markdown: false, "The words of the box that must be ticked.",
      "agree: I have read this and agree to take part."),
  ]

  static let question: [KeyReader<StudyDefinition.Question>] = [
    .line(
      "id", \.id, required: true, "The column in participants.csv: small letters, digits and underscores.", "id: age"),
    .choice(
      "kind", \.kind,
      "`text`: free words in a line; `long_text`: in several; `number`; `choice`: one of the options; `choices`: any of them; `scale`: a row of whole numbers with words at its ends; `date`: a day.",
      "kind: number"),
    .text("text", \.text, markdown: false, required: true, "The question.", "text: How old are you?"),
    .flag("required", \.required, "Whether it must be answered.", "required: true"),
    .options(
      "options", \.options,
      "For `choice` and `choices`: what is stored and what is shown. Of `choices`, one that is `exclusive: true`, such as none of these, is chosen alone: it unticks the others.",
      "options: [{value: headphones, text: Headphones}, {value: speakers, text: Loudspeakers}]"),
    .bound(
      "min", \.minimum, \.earliest,
      "The least that is taken: of `number` the lowest answer; of `scale` its first point (1); of `date` the first day; of `text` and `long_text` how many characters; of `choices` how many are chosen.",
      "min: 16"),
    .bound(
      "max", \.maximum, \.latest,
      "The most, in the same way. A scale ends at 5 and a text at 5000 characters where it is not given.", "max: 99"),
    .optionalText(
      "low", \.low, markdown: false, "For `scale`: the words at its low end.", "low: not at all"
    ).later(unsaid: "{}"),
    .optionalText(
      "high", \.high, markdown: false, "For `scale`: the words at its high end.", "high: very much"
    ).later(unsaid: "{}"),
    .conditions(
      "shown_if", \.shownIf,
      "Earlier questions of the same questionnaire, of kind `choice`, `choices`, `scale` or `number`, each with the answer or the list of answers of which one must have been given. Where it was not, this question is not shown, not required and not stored.",
      "shown_if: {musician: [yes, formerly]}"
    ).later(unsaid: "{}"),
  ]

  static let option: [KeyReader<StudyDefinition.Question.Option>] = [
    .line("value", \.value, required: true, "What is stored.", "value: headphones"),
    .text("text", \.text, markdown: false, required: true, "The words that are shown.", "text: Headphones"),
    .flag("exclusive", \.isExclusive, "For `choices`: whether it is chosen alone.", "exclusive: true"),
  ]

  static let headphones: [KeyReader<StudyDefinition.Headphones>] = [
    .flag("check", \.check, "Whether it is made.", "check: true"),
    .choice(
      "kind", \.kind,
      "What a round asks: `antiphase`, which of three tones is the quietest, where another cancels itself over loudspeakers (Woods et al. 2017); `huggins`, which of three noises has a faint tone in it, which is there only for two ears together (Milne et al. 2020). The second is heard by nobody before loudspeakers, and takes healthy hearing on both sides; luck passes either alike.",
      "kind: huggins"
    ).later(unsaid: "antiphase"),
    .integer("trials", \.trials, 1...12, "Rounds; in each, one of three sounds is to be found.", "trials: 6"),
    .integer("pass", \.pass, 1...12, "Right answers that are needed to pass.", "pass: 5"),
    .integer(
      "attempts", \.attempts, 1...5,
      "How often the check may be made, each time with other rounds, until it is passed. The last outcome counts.",
      "attempts: 2"
    ).later(unsaid: "1"),
    .integer(
      "max_plays", \.mostPlays, 0...20,
      "How often the sounds of a round may be played; 0: as often as one likes. They are heard to their end once in either case.",
      "max_plays: 2"
    ).later(unsaid: "0"),
    .flag(
      "sides", \.sides,
      "Whether two more rounds come first, in which one of three tones is in the left ear and two are in the right: for tests in which it matters which side is which. Whoever hears two on the left is asked to swap the sides of the headphones. Both must be right to pass.",
      "sides: true"
    ).later(unsaid: "false"),
    .flag(
      "required", \.required,
      "Whether those who fail are turned away. They are marked in participants.csv in either case.", "required: false"),
  ]

  static let finish: [KeyReader<StudyDefinition.Finish>] = [
    .optionalLine(
      "redirect", \.redirect,
      "Where the last page leads, such as a panel's completion page. `{external_id}`, `{participant}`, `{panel_study}`, `{panel_session}` and the names of `joining.keep` are filled in, and `{signature}`: the HMAC-SHA256, in hexadecimal digits, of all that stands before its parameter, by the key in the file `panel-key` of the data folder. It is issued when all is saved, never before.",
      "redirect: https://panel.example/done?id={external_id}"),
    .optionalLine(
      "code", \.code,
      "A completion code, shown on the last page to be copied. It is issued when all is saved, never before.",
      "code: C1DONE"),
  ]

  static let leaving: [KeyReader<StudyDefinition.Leaving>] = [
    .section(
      "no_consent", \.noConsent,
      "Of those who do not want to take part. Where it is given, the first page has a button for them. Nothing is stored of them.",
      wayOut
    ).briefly("no_consent: {code: C0NOCONSENT}"),
    .section(
      "quota_full", \.quotaFull,
      "Of those who come when `joining.listeners` have finished.", wayOut
    ).briefly("quota_full: {code: C4FULL, redirect: \"https://panel.example/full?id={external_id}\"}"),
    .section(
      "screened_out", \.screenedOut,
      "Of those who do not pass a headphone check that is required.", wayOut
    ).briefly("screened_out: {code: C2SCREENED, redirect: \"https://panel.example/screened?id={external_id}\"}"),
    .section(
      "withdrawn", \.withdrawn,
      "Of those who stop before the end. Where it is given, every page has a button for that. What becomes of their answers, `withdrawn_answers` says.",
      wayOut
    ).briefly("withdrawn: {text: You have stopped. Thank you for coming., code: C5STOPPED}"),
    .choice(
      "withdrawn_answers", \.withdrawnAnswers,
      "What becomes of the answers of those who stop before the end: they are `kept`, `deleted` at once, or each is `asked`. The page says so. Write the same in the consent.",
      "withdrawn_answers: asked"
    ).later(unsaid: "kept"),
    .section(
      "study_changed", \.studyChanged,
      "Of those whose session cannot go on, since the study's design was changed while they took part. Where it is not given, they get the code and the address of `finish`.",
      wayOut
    ).briefly("study_changed: {text: {file: texts/welcome.md}, code: C3PARTLY}"),
  ]

  static let wayOut: [KeyReader<StudyDefinition.WayOut>] = [
    .optionalText(
      "text", \.text, "What the page says, in place of Earshot's own words.", "text: Thank you for coming."),
    .optionalLine("code", \.code, "A code that is shown to be copied.", "code: C2SCREENED"),
    .optionalLine(
      "redirect", \.redirect, "Where the page leads; filled in as `finish.redirect`.",
      "redirect: https://panel.example/screened?id={external_id}"),
  ]

  static let joining: [KeyReader<StudyDefinition.Joining>] = [
    .names(
      "id", \.id,
      "Parameters of the link that name the listener; the first that is given fills external_id. Those of Prolific, Mechanical Turk, CloudResearch and SONA, and `id`, are known anyway and asked after these.",
      "id: [rid]"),
    .names(
      "keep", \.keep, "Further parameters of the link to be kept, each a column of participants.csv.",
      "keep: [batch, group]"),
    .flag(
      "repeats", \.repeats,
      "Whether one who has finished may take part again, by the same external_id, as a further participant with a plan of its own; the column `sitting` of every table marks it. One who has not finished goes on in either case.",
      "repeats: false"),
    .optionalInteger(
      "per_group", \.perGroup, 1...1_000_000, or: "any",
      "At most so many listeners in each of `groups`: those who finished without a flag, and those who are under way and were heard of within the last hour (`lease_min`, where `listeners` is given). When all are full, newcomers are turned away.",
      "per_group: 20"),
    .flag(
      "needs_id", \.needsID,
      "Whether those are turned away whom the link does not name: one entry an external_id, and none without.",
      "needs_id: true"),
    .flag(
      "by_invitation", \.byInvitation,
      "Whether those are turned away whose link holds no `invite` that the experimenter's page made. Each of those links is one person's: it goes on, and does not begin a second time.",
      "by_invitation: true"),
    .optionalInteger(
      "listeners", \.listeners, 1...1_000_000, or: "any",
      "How many are wanted: sessions of this design that are finished and that no rule of `flags` flags. As many places are given to newcomers, each with the plan of one who dropped out where there is one; then the study is full by itself.",
      "listeners: 40"),
    .integer(
      "lease_min", \.lease, 1...10_080, unit: " min",
      "For `listeners`: of a session that was not heard of for so long, the place goes to the next who comes. Who comes back all the same may finish.",
      "lease_min: 30"),
    .form(
      "opens", \.opens, "day, time and zone", or: "at once", pattern: "^[0-9]{4}-", Moment.init,
      "From when on newcomers are let in. Until then they wait on a page that looks again by itself.",
      "opens: 2026-12-01T18:00+01:00"),
    .form(
      "closes", \.closes, "day, time and zone", or: "never", pattern: "^[0-9]{4}-", Moment.init,
      "From when on newcomers are turned away. Those who have begun go on.", "closes: 2026-12-14T23:59Z"),
    .form(
      "hours", \.hours, "two times of day", or: "all day", pattern: "^[0-9]{2}:", Hours.init,
      "The hours of each day in which newcomers are let in, in `time_zone`; they may go over midnight.",
      "hours: 09:00-22:30"),
    .line(
      "time_zone", \.timeZone, "Of `hours`, as the IANA's data base names it.", "time_zone: Europe/Berlin"),
    .integer(
      "per_minute", \.perMinute, 0...1_000_000,
      "So many newcomers are let in from one address a minute; more have to wait a little. 0: any number.",
      "per_minute: 60"),
    .names(
      "frames", \.frames,
      "Sites whose pages may show the study in a frame, such as a panel's; all others are told not to. Sound and what a browser keeps work less surely in a frame: let the panel open a window where it can.",
      "frames: [https://app.panel.example]"),
  ]

  static let look: [KeyReader<StudyDefinition.Look>] = [
    .optionalLine(
      "logo", \.logo,
      "A picture (SVG, PNG, WebP or JPEG, at most 200 kB), shown small above every page but the trials.",
      "logo: look/logo.svg"),
    .optionalLine(
      "logo_dark", \.darkLogo, "The same for dark pages, where the logo would not be seen on them.",
      "logo_dark: look/logo-light.svg"),
    .optionalText(
      "logo_text", \.logoText, markdown: false, "What the logo says, for those who do not see it.",
      "logo_text: University of Somewhere"),
    .optionalLine(
      "font", \.font,
      "The font of the pages: a file (WOFF2 is smallest, at most 500 kB). A variable font gives all weights; of another, the browser makes bold letters itself.",
      "font: look/Inter.woff2"),
    .section(
      "light", \.light,
      "Colours of the pages by day, as `\"#rrggbb\"` in quotation marks: `accent` (buttons, links and what is chosen), `paper` (behind everything), `wash` (behind notes), `ink` (text), `soft` (text of less weight), `line` (between parts), `edge` (of buttons and fields). What is not said stays Earshot's.",
      colours
    ).briefly("light: {accent: \"#006b3c\", paper: \"#ffffff\"}"),
    .again(
      "dark", \.dark,
      "The same by night. Where only `light.accent` is said, the accent by night is that one, lightened until it can be read.",
      colours, "dark: {accent: \"#9fd8b5\"}"),
  ]

  static let colours: [KeyReader<StudyDefinition.Look.Colours>] = [
    colour(
      "accent", \.accent, "Buttons, links and what is chosen. What stands on it is white or nearly black.", "2f49c4"),
    colour("paper", \.paper, "Behind everything.", "fbfaf7"),
    colour("wash", \.wash, "Behind notes and rows.", "f3f1eb"),
    colour("ink", \.ink, "Text.", "1c1b19"),
    colour("soft", \.soft, "Text of less weight.", "5f5b54"),
    colour("line", \.line, "Lines between parts.", "dfdbd3"),
    colour("edge", \.edge, "Edges of buttons and fields.", "8b867d"),
  ]

  private static func colour(
    _ name: String, _ path: WritableKeyPath<StudyDefinition.Look.Colours, Colour?> & Sendable, _ meaning: String,
    _ code: String
  ) -> KeyReader<StudyDefinition.Look.Colours> {
    .form(
      name, path, "colour", or: "default", pattern: "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", Colour.init, meaning,
      "\(name): \"#\(code)\"")
  }

  static let flags: [KeyReader<StudyDefinition.Flags>] = [
    .number(
      "min_minutes", \.minutes, 0...1440, unit: " min",
      "`too_fast`: the session took less from its beginning to its end.", "min_minutes: 4"),
    .number(
      "min_heard", \.heard, 0...1,
      "`unheard`: a smaller share of the sounds on the pages, practice aside, was played.", "min_heard: 0.9"),
    .optionalInteger(
      "max_checks_failed", \.checksFailed, 0...1000, or: "any",
      "`inattentive`: more attention checks were failed.", "max_checks_failed: 1"),
    .flag(
      "headphones", \.headphones, "`no_headphones`: whether a headphone check that was not passed is a flag.",
      "headphones: true"),
  ]
}

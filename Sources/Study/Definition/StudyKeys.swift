import Foundation
import Keys

/// All keys of `study.yaml`, in one table from which the file is read and documented.
public enum StudyKeys {
  /// Every key, sections before the keys in them.
  public static let all: [DocumentedKey] = study.flatMap { $0.documented(StudyDefinition(), "") }

  /// A JSON Schema for `study.yaml`; see `KeySchema`.
  /// - Parameter types: the names of the trial types.
  public static func schema(types: [String]) throws -> Data {
    try KeySchema.document(
      study, StudyDefinition(), title: "study.yaml of Earshot",
      description: "A listening test: earshot help study explains every key.", types: types)
  }

  static let study: [KeyReader<StudyDefinition>] = [
    .title(
      "title", \.title, \.titles,
      "The study's name, as participants see it: one text, or one per language. The experimenter sees the one in the first language.",
      "title: Which drum sounds alike?"
    ).besideDesign(),
    .names(
      "languages", \.languages,
      "The languages of the pages, as BCP 47 codes. The first is the default. Every text must be given in each.",
      "languages: [en, de]"
    ).besideDesign(),
    .section("texts", \.texts, "What participants read. Each text is written in one of the four ways above.", texts),
    .section("sounds", \.sounds, "Where the sounds and rankings are, and how to prepare them.", sounds),
    .section("pool", \.pool, "Which candidates a trial shows.", pool),
    .section("trials", \.trials, "What each participant is asked.", trials),
    .section("scale", \.scale, "How a candidate is rated.", scale),
    .number(
      "must_hear_s", \.leastHearing.seconds, 0...600, unit: " s",
      "How long each sound must be heard, in total, before it can be judged; a shorter sound must be heard in full. The same applies to the loop, the reference or X before the listener can leave the page. 0: starting a sound is enough.",
      "must_hear_s: 2"
    ).later(unsaid: "3"),
    .number(
      "must_hear_share", \.leastHearing.share, 0...1,
      "The share of each sound that must be heard, in total, before it can be judged; 1: all of it. If `must_hear_s` asks for more, it applies.",
      "must_hear_share: 0.5"
    ).later(unsaid: "0"),
    .section("consent", \.consent, "What participants agree to before anything else.", consent),
    .list(
      "questionnaire", \.questionnaire, new: { _ in .init() },
      "Questions before the trials; each becomes a column of participants.csv.", question),
    .list(
      "closing_questionnaire", \.closing, new: { _ in .init() },
      "Questions after all trials, whatever the order of blocks, written as in `questionnaire`.", question
    ).briefly("closing_questionnaire: [{id: remarks, kind: long_text, text: Anything to add?}]").later(unsaid: "[]"),
    .section("headphones", \.headphones, "The headphone check before the trials.", headphones),
    .section("finish", \.finish, "What happens after the last trial.", finish).besideDesign(),
    .section(
      "look", \.look,
      "The study's own look: a logo, a font, colours. Contrasts are checked. The lab's page keeps Earshot's look.", look
    ).besideDesign(),
    .section(
      "leaving", \.leaving,
      "How listeners leave before the last step. Each ending may have a `text` (Markdown, instead of Earshot's own words), a `code` for them to copy, and a `redirect`, as in `finish`. Not part of the study's version.",
      leaving
    ).besideDesign(),
    .choice(
      "block_order", \.blockOrder,
      "For `blocks`: `written`: in the order of the file; `shuffled`: at random; `balanced`: over the participants, each block equally often at each place.",
      "block_order: balanced"),
    .names(
      "groups", \.groups,
      "Groups of listeners who get different blocks, as the `groups` of each block say. Newcomers are divided evenly, or come by a link with `?group=NAME`, which they can read.",
      "groups: [a, b]"),
    .list(
      "blocks", \.blocks, new: { StudyDefinition.Block(inheriting: $0) },
      "Runs of trials, one type each. Without it, the study is one block of similarity. `pool`, `trials` and `scale` apply to every block that does not set them itself.",
      block),
    .section(
      "joining", \.joining,
      "How listeners join, and whether they may take part again. Not part of the study's version, so you may change it while listeners are taking part.",
      joining
    ).besideDesign(),
    .section(
      "flags", \.flags,
      "The rules that flag a finished session: its flags are in the column `flags` of participants.csv, and it does not count among `joining.listeners`. Listeners are not told, and no answers are excluded. A session in which an answer was refused and none was accepted for that step is flagged `skipped` in any case. The rules that apply are those at the time a session finishes. Not part of the study's version.",
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
      "The line at the top of each trial, if the study has no `blocks`. `{condition}` is replaced by the words of `texts.conditions`.",
      "question: \"How similar is each sample to the {condition} in this loop?\""
    ).neededElsewhere(),
    .text("finish", \.finish, markdown: true, "The last page.", "finish: Thank you for listening!"),
    .texts(
      "conditions", \.conditions, "The name of each condition on the pages; by default the condition's own name.",
      "conditions: {hihat: {en: hi-hat, de: Hi-Hat}}"),
    .texts(
      "pages", \.pages,
      "Your own wording for the pages' buttons, hints and notices, by the names in `Public/words/de.json`. Keep placeholders such as `{letter}`.",
      "pages: {begin: Start, trial.toDo.say: \"judge {list}\"}"
    ).later(unsaid: "{}"),
  ]

  static let sounds: [KeyReader<StudyDefinition.Sounds>] = [
    .line(
      "queries", \.queries,
      "A table, relative to the study's folder: query, file (relative to the table) and, optionally, condition, reference (the candidate that really plays), licence, source. One row per query and condition.",
      "queries: sounds/mixes/mixes.csv"),
    .line(
      "candidates", \.candidates,
      "A table: candidate, file (relative to the table) and, optionally, condition, licence, source.",
      "candidates: sounds/library/library.csv"),
    .line(
      "rankings", \.rankings,
      "A table: query, condition, system, rank (from 1) or distance (smaller is closer), candidate.",
      "rankings: sounds/rankings.csv"),
    .line(
      "renderings", \.renderings,
      "For blocks that compare versions of the same material, a table: item, system, file (relative to the table) and, optionally, reference (yes for the item's reference, or its file), condition, licence, source. A system called `reference` is also the reference.",
      "renderings: sounds/renderings.csv"),
    .choice(
      "renderings_level", \.renderingsLevel,
      "`item`: one gain for all versions of an item, which brings the reference, or the loudest version, to `query_loudness_lufs`, or a sound by itself to `candidate_loudness_lufs`; `each`: every version is brought to that loudness, for systems with levels of their own, such as speech synthesisers; `as_is`: no gain. Nothing is trimmed in any case.",
      "renderings_level: as_is"),
    .number(
      "query_loudness_lufs", \.queryLoudness, -40 ... -6, unit: " LUFS",
      "Integrated loudness of the queries (ITU-R BS.1770).", "query_loudness_lufs: -23"),
    .number(
      "candidate_loudness_lufs", \.candidateLoudness, -40 ... -6, unit: " LUFS",
      "Maximum momentary loudness of the candidates, which also works below 400 ms; docs/stimuli.md explains the rule.",
      "candidate_loudness_lufs: -27"),
    .number(
      "true_peak_ceiling_dbtp", \.truePeakCeiling, -12...0, unit: " dBTP",
      "No stimulus exceeds it; a sound that would is played more quietly, and stimuli.csv says so. With renderings_level: as_is, sounds are only kept from clipping.",
      "true_peak_ceiling_dbtp: -1"),
    .integer(
      "sample_rate_hz", \.sampleRate, 8000...192_000, unit: " Hz",
      "Stimuli are resampled to this rate. Versions of one item, and single sounds, keep their files' own rate if all agree and it is at most 96 kHz.",
      "sample_rate_hz: 44100"),
    .number(
      "candidate_max_s", \.candidateMaxDuration, 0.05...60, unit: " s", "Longer candidates are faded out here.",
      "candidate_max_s: 3"),
  ]

  static let pool: [KeyReader<StudyDefinition.Pool>] = [
    .names(
      "systems", \.systems, "The systems whose candidates are shown; an empty list means all in the rankings.",
      "systems: [mymodel, mfcc, random]"),
    .integer("top_k", \.topK, 0...50, "How many of each system's first candidates are shown.", "top_k: 3"),
    .integer(
      "random_fillers", \.randomFillers, 0...50,
      "Candidates of the condition that no system put among its first, drawn with the study's seed: they show how listeners rate chance.",
      "random_fillers: 1"),
    .flag(
      "hidden_reference", \.hiddenReference, "Whether the true sample is one of the candidates, unmarked.",
      "hidden_reference: true"),
    .optionalNumber(
      "anchor_lowpass_hz", \.anchorLowpass, 100...20_000, unit: " Hz", or: "none",
      "The true sample, low-passed at this frequency, is among the candidates, unmarked: a known middle of the scale.",
      "anchor_lowpass_hz: 3500"),
    .integer(
      "max_per_trial", \.maxPerTrial, 2...26,
      "The maximum number of candidates on one page. From a larger pool, the reference and the anchor stay, then the systems' candidates rank by rank, then the fillers; `earshot check` says how many are left out.",
      "max_per_trial: 8"),
  ]

  static let trials: [KeyReader<StudyDefinition.Trials>] = [
    .names(
      "queries", \.queries, "The queries to ask about; an empty list means all in the table.",
      "queries: [loop01, loop02]"),
    .names(
      "conditions", \.conditions, "The conditions to ask about; an empty list means all in the table.",
      "conditions: [kick, snare]"),
    .optionalInteger(
      "per_participant", \.perParticipant, 1...500, or: "all",
      "Trials of the main block for each participant. If this is less than the number of items (a query and a condition), items are dealt out so that all are shown equally often.",
      "per_participant: 12"),
    .integer("training", \.training, 0...20, "Practice trials, marked as such and not analysed.", "training: 1"),
    .integer(
      "repeats", \.repeats, 0...50,
      "Trials shown a second time, some way apart and with other positions, to measure how consistent each listener is.",
      "repeats: 1"),
    .integer(
      "catches", \.catches, 0...20,
      "Attention checks: ordinary-looking trials whose candidates are all of another condition, except for the true sample. To pass, a listener must rate that one highest.",
      "catches: 1"),
    .choice(
      "order", \.order,
      "`shuffled`: all trials at random; `blocked`: one condition after another, in balanced order; `written`: in the order of the tables, the same for all listeners.",
      "order: shuffled"),
    .seed(
      "seed", \.seed, "Determines everything that is random in pools and plans.", "seed: 2024"),
    .number(
      "seconds_per_candidate", \.secondsPerCandidate, 0.5...120, unit: " s",
      "The expected time per candidate in a trial, used for the remaining time that participants see and by `earshot check`.",
      "seconds_per_candidate: 5"
    ).besideDesign(),
    .number(
      "compare_s", \.compareSeconds, 0...600, unit: " s",
      "If listeners have the loop played before each sample (Compare), how much of its beginning is played; 0: all of it.",
      "compare_s: 3"
    ).later(unsaid: "0"),
    .names(
      "focus", \.focus,
      "For `triplet` of rankings and `ab`: two systems whose comparison gets most of the trials, on pages whose two samples these systems order differently or, for versions, that have one of each. Other pages are asked less often, with a known chance, and the report weights each answer accordingly. An empty list: all pages are asked equally often.",
      "focus: [conditional, mfcc]"
    ).later(unsaid: "[]"),
    .number(
      "focus_share", \.focusShare, 0.05...0.95,
      "With `focus`: the share of a participant's trials (`per_participant`) spent on pages where the two systems differ; there is at least one trial of each kind.",
      "focus_share: 0.8"
    ).later(unsaid: "0.8"),
  ]

  static let scale: [KeyReader<StudyDefinition.Scale>] = [
    .choice(
      "kind", \.kind, "`slider`: continuous, in whole numbers; `likert`: one button per point.", "kind: slider"),
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
      "groups", \.groups, "The groups of listeners who get the block; an empty list means all.", "groups: [a]"
    ).later(unsaid: "[]"),
    .text(
      "question", \.question, markdown: false, required: true,
      "The line at the top of each trial. `{condition}` is replaced by the words of `texts.conditions`.",
      "question: Which sample is nearer to the {condition} in this loop?"),
    .optionalText(
      "instructions", \.instructions, "Shown before the block; by default nothing.",
      "instructions: {file: texts/welcome.md}"
    ).asStep(\.instructions),
    .optionalText(
      "break", \.pause, "A break page before the block; by default none.",
      "break: Take a rest. Go on when you like."
    ).asStep(\.pause),
    .integer(
      "break_every", \.pauseEvery, 0...1000,
      "A break page, with the words of `break` if there are any, each time this many of its trials are done, not counting practice; 0: none.",
      "break_every: 20"
    ).later(unsaid: "0"),
    .number(
      "break_every_min", \.pauseMinutes, 0...600, unit: " min",
      "The same each time this many minutes of expected time have passed (`seconds_per_candidate`); 0: none.",
      "break_every_min: 10"
    ).later(unsaid: "0"),
    .number(
      "break_least_s", \.pauseLeast, 0...3600, unit: " s",
      "The minimum time on each break page before the listener can continue; 0: none.",
      "break_least_s: 60"
    ).later(unsaid: "0"),
    .integer(
      "max_plays", \.mostPlays, 0...100,
      "How often a sound may be played on its page, including switches to it; what it is compared with is not limited. 0: any number of times.",
      "max_plays: 1"
    ).later(unsaid: "0"),
    .choice(
      "switching", \.switching,
      "For versions of the same material. `in_place`: listeners switch between them during playback. `from_start`: each is played from its beginning, once, as for readings of a text by several voices, which are not equally long.",
      "switching: from_start"
    ).later(unsaid: "in_place"),
    .flag(
      "rate_while_playing", \.judgesWhilePlaying,
      "For versions of the same material, which play in a loop: whether only the version being heard can be rated.",
      "rate_while_playing: true"
    ).later(unsaid: "false"),
    .flag(
      "training_feedback", \.givesFeedback,
      "For `abx`, `odd-one-out` of versions, `bs1116` and `triplet`: whether the listener learns after each practice page if the answer was right.",
      "training_feedback: true"
    ).later(unsaid: "false"),
    .flag(
      "comments", \.takesComments,
      "Whether each page has room for an optional remark, stored in comments.csv.", "comments: true"
    ).later(unsaid: "false"),
    .optionalChoice(
      "source", \.source, or: "by type",
      "What its trials are made from: `rankings` (`sounds.queries`, `candidates`, `rankings`), `renderings` (`sounds.renderings`) or `sounds` (`sounds.candidates` alone: one set per condition). Each type has a default and refuses what it cannot ask about.",
      "source: rankings"
    ).later(unsaid: "by type"),
    .numbers(
      "anchors_lowpass_hz", \.anchors, 100...20_000, unit: " Hz",
      "For `mushra`: copies of the reference, low-passed at each of these frequencies, are among the versions, unmarked (ITU-R BS.1534-3: 3.5 and 7 kHz).",
      "anchors_lowpass_hz: [3500]"
    ).later(unsaid: "[3500, 7000]"),
    .list(
      "scales", \.scales, new: { _ in .init() },
      "For `acr` and `dcr`: the verbal scales on which each sound is rated, all on one page; by default, one with the words of ITU-T P.800.",
      ratingScale
    ).briefly("scales: [{name: signal, question: The voice?}, {name: overall, question: All in all?}]").later(
      unsaid: "[]"),
    .flag(
      "allow_neither", \.allowsNeither, "For `ab`: whether listeners may answer \"no difference\".",
      "allow_neither: true"
    ).later(unsaid: "false"),
    .number(
      "must_hear_s", \.leastHearing.seconds, 0...600, unit: " s", "Like `must_hear_s` above, for this block.",
      "must_hear_s: 2"
    ).later(unsaid: "3"),
    .number(
      "must_hear_share", \.leastHearing.share, 0...1, "Like `must_hear_share` above, for this block.",
      "must_hear_share: 0.5"
    ).later(unsaid: "0"),
    .again("pool", \.pool, "Like `pool` above, for this block.", pool, "pool: {top_k: 1}"),
    .again(
      "trials", \.trials, "Like `trials` above, for this block; the seed is the study's.", trials,
      "trials: {per_participant: 20}"),
    .again("scale", \.scale, "Like `scale` above, for this block.", scale, "scale: {min: 0, max: 10}"),
    .list(
      "questionnaire", \.questionnaire, new: { _ in .init() },
      "Questions after the block, written as in `questionnaire` above.", question

    ).briefly("questionnaire: [{id: ease, text: How easy was it?}]"),
  ]

  static let ratingScale: [KeyReader<StudyDefinition.RatingScale>] = [
    .line(
      "name", \.name, required: true, "Its name in the tables: small letters, digits and underscores.", "name: noise"),
    .optionalText(
      "question", \.question, markdown: false, "The line above its words; by default none.",
      "question: How disturbing is the noise?"),
    .textList(
      "labels", \.labels,
      "Its words, from best to worst: of five, the best counts 5 and the worst 1. By default, those of ITU-T P.800.",
      "labels: [not noticeable, a little, clearly, disturbing]"),
  ]

  static let consent: [KeyReader<StudyDefinition.Consent>] = [
    .text(
      "text", \.text, markdown: true, required: true,
      "What participants agree to: who runs the study, what is stored, how to withdraw.",
      "text: {file: texts/consent.md}"),
    .text(
      "agree", \.agree, markdown: false, "The label of the box that participants must tick.",
      "agree: I have read this and agree to take part."),
  ]

  static let question: [KeyReader<StudyDefinition.Question>] = [
    .line(
      "id", \.id, required: true, "The column in participants.csv: small letters, digits and underscores.", "id: age"),
    .choice(
      "kind", \.kind,
      "`text`: one line of free text; `long_text`: several lines; `number`; `choice`: one of the options; `choices`: any of them; `scale`: a row of whole numbers with words at its ends; `date`: a day.",
      "kind: number"),
    .text("text", \.text, markdown: false, required: true, "The question.", "text: How old are you?"),
    .flag("required", \.required, "Whether it must be answered.", "required: true"),
    .options(
      "options", \.options,
      "For `choice` and `choices`: what is stored and what is shown. In `choices`, an option with `exclusive: true`, such as \"none of these\", unticks the others.",
      "options: [{value: headphones, text: Headphones}, {value: speakers, text: Loudspeakers}]"),
    .bound(
      "min", \.minimum, \.earliest,
      "The lower limit: for `number` the lowest answer; for `scale` its first point (1); for `date` the first day; for `text` and `long_text` the number of characters; for `choices` the number of options chosen.",
      "min: 16"),
    .bound(
      "max", \.maximum, \.latest,
      "The upper limit, in the same way. By default, a scale ends at 5 and a text at 5000 characters.", "max: 99"),
    .optionalText(
      "low", \.low, markdown: false, "For `scale`: the words at its low end.", "low: not at all"
    ).later(unsaid: "{}"),
    .optionalText(
      "high", \.high, markdown: false, "For `scale`: the words at its high end.", "high: very much"
    ).later(unsaid: "{}"),
    .conditions(
      "shown_if", \.shownIf,
      "Earlier questions of the same questionnaire, of kind `choice`, `choices`, `scale` or `number`, each with the answer, or list of answers, that makes this question appear. Otherwise it is not shown, not required and not stored.",
      "shown_if: {musician: [yes, formerly]}"
    ).later(unsaid: "{}"),
  ]

  static let option: [KeyReader<StudyDefinition.Question.Option>] = [
    .line("value", \.value, required: true, "What is stored.", "value: headphones"),
    .text("text", \.text, markdown: false, required: true, "The words that are shown.", "text: Headphones"),
    .flag("exclusive", \.isExclusive, "For `choices`: whether it can only be chosen alone.", "exclusive: true"),
  ]

  static let headphones: [KeyReader<StudyDefinition.Headphones>] = [
    .flag("check", \.check, "Whether there is a headphone check.", "check: true"),
    .choice(
      "kind", \.kind,
      "What a round asks: `antiphase`: which of three tones is quietest, one of which cancels itself out over loudspeakers (Woods et al. 2017); `huggins`: which of three noises contains a faint tone, which exists only for two ears together (Milne et al. 2020). Nobody can hear the second over loudspeakers, but it requires healthy hearing on both sides. Both are equally easy to pass by luck.",
      "kind: huggins"
    ).later(unsaid: "antiphase"),
    .integer(
      "trials", \.trials, 1...12, "The number of rounds; in each, the listener looks for one of three sounds.",
      "trials: 6"),
    .integer("pass", \.pass, 1...12, "The number of right answers needed to pass.", "pass: 5"),
    .integer(
      "attempts", \.attempts, 1...5,
      "How often a listener may take the check, each time with other rounds, until they pass. The last result counts.",
      "attempts: 2"
    ).later(unsaid: "1"),
    .integer(
      "max_plays", \.mostPlays, 0...20,
      "How often the sounds of a round may be played; 0: any number of times. In either case, each must be heard to its end once.",
      "max_plays: 2"
    ).later(unsaid: "0"),
    .flag(
      "sides", \.sides,
      "Whether two more rounds come first, in which one of three tones is in the left ear and two are in the right: for tests in which left and right matter. Listeners who hear two on the left are asked to swap the sides of their headphones. Both rounds must be right to pass.",
      "sides: true"
    ).later(unsaid: "false"),
    .flag(
      "required", \.required,
      "Whether listeners who fail are turned away. They are marked in participants.csv in either case.",
      "required: false"),
  ]

  static let finish: [KeyReader<StudyDefinition.Finish>] = [
    .optionalLine(
      "redirect", \.redirect,
      "Where the last page leads, such as a panel's completion page. `{external_id}`, `{participant}`, `{panel_study}`, `{panel_session}` and the names in `joining.keep` are filled in. So is `{signature}`: the HMAC-SHA256, in hexadecimal, of everything before its parameter, with the key in the file `panel-key` of the data folder. Sent only once everything is saved.",
      "redirect: https://panel.example/done?id={external_id}"),
    .optionalLine(
      "code", \.code,
      "A completion code for the listener to copy from the last page. Sent only once everything is saved.",
      "code: C1DONE"),
  ]

  static let leaving: [KeyReader<StudyDefinition.Leaving>] = [
    .section(
      "no_consent", \.noConsent,
      "For people who do not want to take part. If you set it, the first page has a button for them. Nothing about them is stored.",
      wayOut
    ).briefly("no_consent: {code: C0NOCONSENT}"),
    .section(
      "quota_full", \.quotaFull,
      "For people who arrive once `joining.listeners` have finished.", wayOut
    ).briefly("quota_full: {code: C4FULL, redirect: \"https://panel.example/full?id={external_id}\"}"),
    .section(
      "screened_out", \.screenedOut,
      "For listeners who fail a required headphone check.", wayOut
    ).briefly("screened_out: {code: C2SCREENED, redirect: \"https://panel.example/screened?id={external_id}\"}"),
    .section(
      "withdrawn", \.withdrawn,
      "For listeners who stop before the end. If you set it, every page has a button for that. `withdrawn_answers` says what becomes of their answers.",
      wayOut
    ).briefly("withdrawn: {text: You have stopped. Thank you for coming., code: C5STOPPED}"),
    .choice(
      "withdrawn_answers", \.withdrawnAnswers,
      "What becomes of the answers of listeners who stop before the end: they are `kept`, `deleted` at once, or each listener is `asked`. The page says so. Write the same in the consent.",
      "withdrawn_answers: asked"
    ).later(unsaid: "kept"),
    .section(
      "study_changed", \.studyChanged,
      "For listeners whose session cannot continue because the study's design was changed while they took part. By default, they get the code and the address of `finish`.",
      wayOut
    ).briefly("study_changed: {text: {file: texts/welcome.md}, code: C3PARTLY}"),
  ]

  static let wayOut: [KeyReader<StudyDefinition.WayOut>] = [
    .optionalText(
      "text", \.text, "What the page says, instead of Earshot's own words.", "text: Thank you for coming."),
    .optionalLine("code", \.code, "A code for the listener to copy.", "code: C2SCREENED"),
    .optionalLine(
      "redirect", \.redirect, "Where the page leads; filled in as in `finish.redirect`.",
      "redirect: https://panel.example/screened?id={external_id}"),
  ]

  static let joining: [KeyReader<StudyDefinition.Joining>] = [
    .names(
      "id", \.id,
      "Parameters of the link that name the listener; the first one present becomes external_id. Those of Prolific, Mechanical Turk, CloudResearch and SONA, and `id`, are always recognised, after these.",
      "id: [rid]"),
    .names(
      "keep", \.keep, "Further parameters of the link to store, each as a column of participants.csv.",
      "keep: [batch, group]"),
    .flag(
      "repeats", \.repeats,
      "Whether a listener who has finished may take part again, with the same external_id, as a new participant with a new plan; the column `sitting` of every table marks it. A listener who has not finished continues in either case.",
      "repeats: false"),
    .optionalInteger(
      "per_group", \.perGroup, 1...1_000_000, or: "any",
      "The maximum number of listeners in each of `groups`: those who finished without a flag, and those in progress who were active within the last hour (`lease_min`, if `listeners` is set). When all groups are full, newcomers are turned away.",
      "per_group: 20"),
    .flag(
      "needs_id", \.needsID,
      "Whether to turn away anyone whose link does not name them: one entry per external_id, and none without.",
      "needs_id: true"),
    .flag(
      "by_invitation", \.byInvitation,
      "Whether to turn away anyone whose link has no `invite` made by the experimenter's page. Each of those links is for one person: it continues their session, and does not begin a second one.",
      "by_invitation: true"),
    .optionalInteger(
      "listeners", \.listeners, 1...1_000_000, or: "any",
      "How many listeners you want: finished sessions of this design without a flag. That many places are given to newcomers, each with the plan of someone who dropped out, if there is one; then the study is full, and newcomers are turned away.",
      "listeners: 40"),
    .integer(
      "lease_min", \.lease, 1...10_080, unit: " min",
      "For `listeners`: after this long without activity, a session's place goes to the next newcomer. A listener who returns later may still finish.",
      "lease_min: 30"),
    .form(
      "opens", \.opens, "day, time and zone", or: "at once", pattern: "^[0-9]{4}-", Moment.init,
      "When newcomers are first let in. Until then they wait on a page that checks again by itself.",
      "opens: 2026-12-01T18:00+01:00"),
    .form(
      "closes", \.closes, "day, time and zone", or: "never", pattern: "^[0-9]{4}-", Moment.init,
      "When newcomers begin to be turned away. Listeners who have begun can continue.", "closes: 2026-12-14T23:59Z"),
    .form(
      "hours", \.hours, "two times of day", or: "all day", pattern: "^[0-9]{2}:", Hours.init,
      "The hours of each day in which newcomers are let in, in `time_zone`; they may run past midnight.",
      "hours: 09:00-22:30"),
    .line(
      "time_zone", \.timeZone, "The time zone of `hours`, by its IANA name.", "time_zone: Europe/Berlin"),
    .integer(
      "per_minute", \.perMinute, 0...1_000_000,
      "How many newcomers are let in from one address per minute; more have to wait a little. 0: any number.",
      "per_minute: 60"),
    .names(
      "frames", \.frames,
      "Sites whose pages may show the study in a frame, such as a panel's; all others may not. Sound and browser storage are less reliable in a frame: let the panel open a window if it can.",
      "frames: [https://app.panel.example]"),
  ]

  static let look: [KeyReader<StudyDefinition.Look>] = [
    .optionalLine(
      "logo", \.logo,
      "A picture (SVG, PNG, WebP or JPEG, at most 200 kB), shown small above every page except the trials.",
      "logo: look/logo.svg"),
    .optionalLine(
      "logo_dark", \.darkLogo, "The same for dark pages, if the logo would not be visible on them.",
      "logo_dark: look/logo-light.svg"),
    .optionalText(
      "logo_text", \.logoText, markdown: false, "What the logo says, for people who cannot see it.",
      "logo_text: University of Somewhere"),
    .optionalLine(
      "font", \.font,
      "The font of the pages: a file (WOFF2 is smallest, at most 500 kB). A variable font has all weights; for any other, the browser makes bold letters itself.",
      "font: look/Inter.woff2"),
    .section(
      "light", \.light,
      "Colours of the light pages, as `\"#rrggbb\"` in quotation marks: `accent` (buttons, links and selections), `paper` (behind everything), `wash` (behind notes), `ink` (text), `soft` (less prominent text), `line` (between parts), `edge` (of buttons and fields). Colours you leave out stay Earshot's.",
      colours
    ).briefly("light: {accent: \"#006b3c\", paper: \"#ffffff\"}"),
    .again(
      "dark", \.dark,
      "The same for dark pages. If you set only `light.accent`, the dark pages use it too, lightened until it can be read.",
      colours, "dark: {accent: \"#9fd8b5\"}"),
  ]

  static let colours: [KeyReader<StudyDefinition.Look.Colours>] = [
    colour(
      "accent", \.accent, "Buttons, links and selections. Text on it is white or nearly black.", "2f49c4"),
    colour("paper", \.paper, "Behind everything.", "fbfaf7"),
    colour("wash", \.wash, "Behind notes and rows.", "f3f1eb"),
    colour("ink", \.ink, "Text.", "1c1b19"),
    colour("soft", \.soft, "Less prominent text.", "5f5b54"),
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
      "`too_fast`: the session took less time than this from beginning to end.", "min_minutes: 4"),
    .number(
      "min_heard", \.heard, 0...1,
      "`unheard`: a smaller share of the sounds on the pages was played, not counting practice.", "min_heard: 0.9"),
    .optionalInteger(
      "max_checks_failed", \.checksFailed, 0...1000, or: "any",
      "`inattentive`: more attention checks than this were failed.", "max_checks_failed: 1"),
    .flag(
      "headphones", \.headphones, "`no_headphones`: whether failing the headphone check is a flag.",
      "headphones: true"),
  ]
}

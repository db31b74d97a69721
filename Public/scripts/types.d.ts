// Types that the scripts share. No page loads this file: it is for the type check (`tsc`) and for editors.

/**
 * The server's JSON, as Sources/Interface declares it (`earshot openapi` prints it) and Sources/Lab's `StatusView.swift`.
 * `Tests/Browser/test_types.py` holds what a running server says against it.
 */
declare namespace Server {
  /** Of whatever is not fulfilled. */
  interface Refusal { error: { code: string; message: string; mend: string }; retry?: boolean }

  /** `GET /api/study` */
  interface Study {
    title: string;
    languages: string[];
    /** By language; HTML but for `title` and `agree`. */
    texts: Record<string, { title: string; welcome: string; consent: string; agree: string; pages?: Record<string, string>; logo?: Logo }>;
    open: boolean;
    /** Why newcomers are not let in, and from when on they are, where that is known. */
    closed?: Closed;
    opens_at?: string;
    /** What whoever runs the study tells those who are turned away. */
    message?: string;
    /** One who does not want to take part is told something. */
    declines?: boolean;
    /** Listeners come back by the code that their breaks show. */
    takes_codes?: boolean;
    minutes: number;
    questions: number;
    trials: number;
    /** The participant whose session is shown, where it is only a preview. */
    preview?: number;
  }

  /** A picture above the pages; its addresses lead from the study's root. */
  interface Logo { address: string; dark?: string; text: string }

  type Closed = "paused" | "early" | "hours" | "over" | "taken" | "full";

  /** `GET /api/sessions/TOKEN` */
  interface Session {
    study: SessionStudy;
    state: "active" | "finished" | "ended" | "screened_out";
    done: Done;
    trials: Trial[];
    blocks: Block[];
    parts: Part[];
    elapsed_ms: number;
    finish: Finish | null;
    preview?: number;
  }

  /** What a session's pages show, in its language. */
  interface SessionStudy {
    title: string;
    language: string;
    pages?: Record<string, string>;
    headphones: { check: boolean; kind?: "huggins"; attempts?: number; max_plays?: number; rounds: Round[]; required: boolean };
    volume: { audio: string };
    /** One who stops before the end is told something. */
    may_withdraw?: boolean;
    /** What becomes of the answers of one who stops; left out where they are kept. */
    withdrawn_answers?: "deleted" | "asked";
    logo?: Logo;
  }

  interface Scale { kind: "slider" | "likert"; min: number; max: number; low: string; high: string; show_value: boolean }

  interface Question {
    id: string;
    kind: "text" | "long_text" | "number" | "choice" | "choices" | "scale" | "date";
    text: string;
    required: boolean;
    /** Of a number its value, of a text its characters, of `choices` how many, of a scale its points. */
    min?: number;
    max?: number;
    /** Of a date, as `2024-12-31`. */
    earliest?: string;
    latest?: string;
    /** The words at the ends of a scale. */
    low?: string;
    high?: string;
    /** It is asked only where all of these hold. */
    shown_if?: { question: string; values: string[] }[];
    /** `exclusive`: chosen alone. */
    options: { value: string; text: string; exclusive?: boolean }[];
  }

  /** A scale of words, from the best to the worst; of the page's own where it has none. */
  interface Words { name: string; question: string; labels: string[] }

  /** A run of trials of one type. `question` may hold `{condition}`. */
  interface Block { name: string; question: string; scale: Scale; is_aligned?: boolean; is_set?: boolean; scales?: Words[]; allows_neither?: boolean; max_plays?: number; gives_feedback?: boolean; takes_comments?: boolean; while_playing?: boolean; must_hear_ms?: number; must_hear_share?: number; compare_ms?: number }

  /** One step of the session; `html` of instructions and breaks, `questions` of a questionnaire. */
  interface Part extends Numbered { html?: string; questions?: Question[]; least_s?: number; code?: string }

  /** One of the headphone check. */
  interface Round { index: number; audio: string; kind?: "sides" }

  interface Trial {
    index: number;
    kind: "similarity" | "triplet" | "mushra" | "bs1116" | "acr" | "dcr" | "ccr" | "ab" | "abx" | "rank" | "pairwise" | "odd-one-out" | "sort";
    /** The place of its block in `blocks`. */
    block: number;
    training: boolean;
    condition: string;
    condition_text: string;
    query: string | null;
    candidates: { position: string; audio: string }[];
    /** That it is expected to take. */
    seconds: number;
  }

  /** Steps of the way that are not trials. */
  interface PlayingDevice { rate_hz?: number; channels?: number; latency_ms?: number }
  type Step = "questionnaire" | "volume" | "headphones" | "instructions" | "break";

  /** A trial by its index, what belongs to a block by the block's place from 1, all else by 0. */
  interface Numbered { step: Step | "trial"; number: number }

  type Done = Record<Exclude<Step, "break">, boolean> & { trials: number[]; further: Numbered[] };

  /** How a session ends before its last step. */
  type Outcome = "no_consent" | "quota_full" | "screened_out" | "withdrawn" | "study_changed";

  /** `outcome` is there where it is not the end of all steps; then `text` is empty where the study has no words of its own. */
  interface Finish { text: string; redirect: string | null; code?: string; outcome?: Outcome }

  /** `POST /api/sessions` */
  interface Join { key: string; language: string; consent: boolean; parameters: [string, string][] }

  /** `POST /api/sessions/TOKEN/responses` */
  interface Answer {
    key: string;
    step: Step | "trial";
    trial?: number;
    number?: number;
    /** Of the volume. */
    device?: PlayingDevice;
    response_ms?: number;
    /** Of a trial whose block takes remarks. */
    comment?: string;
    /** Of a triplet, a comparison or the odd one of three. */
    choice?: string;
    /** Of all sounds of a page together. */
    rating?: number;
    /** Of sorting. */
    groups?: { positions: string[]; name: string }[];
    heard?: { position: string; plays: number; listened_ms: number }[];
    ratings?: { position: string; rating: number; scale?: string; plays: number; listened_ms: number }[];
    /** Of a questionnaire by question, of the headphone check by round. */
    answers?: Record<string, Value> | number[];
  }

  type Value = string | number | string[];

  /** `POST /api/sessions/TOKEN/events`; a batch answers no step. */
  interface Events { key: string; events: Happening[]; step?: never; trial?: never; number?: never }

  interface Happening {
    at_ms: number;
    kind: "play" | "stop" | "rate" | "focus" | "blur" | "visible" | "hidden" | "reconnect" | "output" | "error";
    trial: number | null;
    stimulus: string | null;
    value: number | string | null;
  }

  /** `POST /api/sessions/TOKEN/refused`; `key` and `body` are those of what was refused. */
  interface Refused { key: string; step?: string; trial?: number; number?: number; status: number; code: string; body: string }

  /** The answer to any of the three; of events, and of what a changed study refused, `saved` is all. */
  interface Saved { saved: true; passed?: boolean; right?: boolean; done?: Done; finish?: Finish | null }

  /** `GET /lab/api/status` */
  interface Status {
    me: { name: string; role: "owner" | "reader" };
    study: string;
    study_version: string;
    title: string;
    trials_per_participant: number;
    saves: number;
    errors: number;
    /** Seconds since `records` was counted. */
    counted_ago: number;
    closed?: Closed;
    /** Where so many listeners are wanted. */
    places?: { wanted: number; passed: number; held: number };
    /** What those are told who are turned away. */
    message: string;
    /** Of a disk that is nearly full. */
    disk_free_mb?: number;
    report?: { state: "working" | "ready" | "failed"; asked_at: string; asked_by?: string; why?: string; blocks?: string[] };
    conditions: Record<string, string>;
    invitations: { title: string; link: string; advice: string }[];
    records: Overview;
  }

  interface Overview {
    joined: number;
    active: number;
    finished: number;
    ended: number;
    excluded: number;
    flagged: number;
    away: number;
    away_before_trials: number;
    median_minutes?: number;
    responses: number;
    ratings: number;
    events: number;
    answers_refused: number;
    events_refused: number;
    spoilt_links: number;
    further_sittings: number;
    is_paused: boolean;
    coverage: Coverage[];
    checks: {
      headphones: number;
      headphones_passed: number;
      catches: number;
      catches_passed: number;
      repeats: number;
      repeat_difference?: number;
    };
    participants: Participant[];
  }

  interface Coverage { query: string; condition: string; pages: number; ratings: number }

  interface Participant {
    participant: number;
    state: "finished" | "ended" | "active" | "away";
    outcome?: Outcome;
    flags?: string;
    session: number;
    excluded?: string;
    trials_done: number;
    started_at: string;
    last_seen_at: string;
    finished_at?: string;
    headphone_check?: "passed" | "failed";
    language: string;
    recruited_from?: string;
    link_notes?: string;
    sitting: number;
    study_version: string;
    external_id?: string;
    group?: string;
  }

  interface Get {
    (path: "/api/study"): Promise<Study>;
    (path: `/api/sessions/${string}`): Promise<Session>;
    (path: "/lab/api/status"): Promise<Status>;
    (path: "/lab/api/pages"): Promise<PageFigures[]>;
    (path: `/lab/api/participants?text=${string}`): Promise<Participant[]>;
    (path: `/lab/api/sessions/${number}`): Promise<Timeline>;
  }

  /** `tags`: of what is known already, by path. Null where nothing has changed. */
  interface GetIfNew {
    (path: "/lab/api/status", tags: Map<string, string>): Promise<Status | null>;
    (path: "/lab/api/overview", tags: Map<string, string>): Promise<HouseEntry[] | null>;
  }

  /** A study of several on one server; one that is not served has `trouble` and no figures. */
  interface HouseEntry {
    name: string;
    title: string;
    trouble?: string;
    closed?: Closed;
    wanted?: number;
    passed?: number;
    joined?: number;
    active?: number;
    finished?: number;
    saves?: number;
    errors?: number;
  }

  interface PageFigures { step: string; number: number; answered: number; left: number; median_seconds?: number }

  interface Timeline {
    participant: Participant;
    entries: { at: string; what: string; step?: string; number?: number; response_ms?: number; why?: string; who?: string }[];
  }

  interface Post {
    (path: "/api/sessions", body: Join): Promise<{ token: string }>;
    (path: "/api/return", body: { key: string; code: string }): Promise<{ token: string }>;
    (path: "/api/leave", body: { outcome: Outcome; language: string; parameters: [string, string][] }): Promise<Finish>;
    (path: `/api/sessions/${string}/withdraw`, body: { delete?: boolean }): Promise<Finish>;
    (path: LetterPath, body: Answer | Events | Refused): Promise<Saved>;
    (path: "/lab", body: { secret: string } | { name: string; password: string }): Promise<{ name: string; role: "owner" | "reader" }>;
    (path: "/sign-out", body: {}): Promise<unknown>;
    (path: "/lab/api/purge", body: { session: number; participant: number }): Promise<unknown>;
    (path: "/lab/api/message", body: { message: string }): Promise<unknown>;
    (path: "/lab/api/report", body: {}): Promise<unknown>;
    (path: "/lab/api/pause", body: { paused: boolean }): Promise<{ paused: boolean }>;
    (path: "/lab/api/exclude", body: { session: number; excluded: boolean; reason: string }): Promise<unknown>;
  }

  type LetterPath = `/api/sessions/${string}/${"responses" | "events" | "refused"}`;
}

// Types that many scripts name, each from where it is made.
type Words = import("./words.js").Words;
/** Words with places in them: it takes a value for each. */
type Message<Names extends string[]> = ((...values: { [K in keyof Names]: string | number }) => string) & { names: Names };
type Player = import("./player.js").Player;
type Heard = import("./player.js").Heard;
type Page<Told> = import("./pages/page.js").Page<Told>;
type TrialPage = import("./trials/registry.js").TrialPage;
type TrialParts = import("./trials/registry.js").TrialParts;

/** An event target that says what it fires: the detail by the kind. */
interface Emitter<Fired> {
  addEventListener<K extends keyof Fired>(kind: K, listener: (event: CustomEvent<Fired[K]>) => void): void;
  removeEventListener<K extends keyof Fired>(kind: K, listener: (event: CustomEvent<Fired[K]>) => void): void;
  dispatchEvent(event: CustomEvent<Fired[keyof Fired]>): boolean;
}

// Younger than the type checker's own list.
interface FileSystemDirectoryHandle { keys(): AsyncIterable<string> }
interface FileSystemFileHandle { createWritable(): Promise<FileSystemWritableFileStream> }
interface FileSystemWritableFileStream { write(data: BufferSource | Blob): Promise<void>; close(): Promise<void>; abort(): Promise<void> }

/** Internet Explorer's. */
interface Navigator { userLanguage?: string }

// The service worker's scope is no window, but the compiler knows one kind of scope only.
interface FetchEvent extends Event { readonly request: Request; respondWith(answer: Promise<Response>): void }
interface WindowEventMap { fetch: FetchEvent }

//! Every kind of change, in one table.
//!
//! A slug is words, stable for ever; a retired one is never used again. Its page has a pair of programs, before and after,
//! that shows it.

use serde::Serialize;

/// How much a change may do that no test shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Visible and harmless.
    Note,
    /// Behaviour changes: a reader must look.
    Review,
    /// Data, money, consent or people's inboxes may be affected.
    Danger,
}

/// What a change would mean for a run that went on under the new program. Runs are pinned to the one that they started on,
/// so none does; it says what to think of before moving one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Runs {
    /// No effect.
    #[serde(rename = "-")]
    Unaffected,
    /// Only new runs are affected.
    #[serde(rename = "N")]
    New,
    /// It would go on and behave differently from there.
    #[serde(rename = "C")]
    Continue,
    /// The step that it waits in is gone or has another shape.
    #[serde(rename = "B")]
    Break,
}

impl Risk {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Risk::Note => "note",
            Risk::Review => "review",
            Risk::Danger => "danger",
        }
    }
}

impl Runs {
    /// The letter for it.
    pub const fn letter(self) -> &'static str {
        match self {
            Runs::Unaffected => "-",
            Runs::New => "N",
            Runs::Continue => "C",
            Runs::Break => "B",
        }
    }
}

macro_rules! changes {
    ($($(#[doc = $doc:literal])+ $slug:ident $word:literal $risk:ident $runs:ident $title:literal;)+) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Slug { $($(#[doc = $doc])+ $slug),+ }

        impl Slug {
            /// All of them, in the order in which a reviewer asks.
            pub const ALL: &[Slug] = &[$(Slug::$slug),+];

            /// The slug as people and tools write it.
            pub const fn word(self) -> &'static str {
                match self { $(Slug::$slug => $word),+ }
            }

            /// The risk unless the change at hand says otherwise.
            pub const fn risk(self) -> Risk {
                match self { $(Slug::$slug => Risk::$risk),+ }
            }

            /// The effect on runs in flight unless the change at hand says otherwise.
            pub const fn runs(self) -> Runs {
                match self { $(Slug::$slug => Runs::$runs),+ }
            }

            /// What has changed, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Slug::$slug => $title),+ }
            }

            /// The page on it, Markdown: what `wf explain` prints.
            pub const fn page(self) -> &'static str {
                match self { $(Slug::$slug => include_str!(concat!("../../../lang-spec/changes/", $word, ".md"))),+ }
            }

            /// The kind with this slug.
            pub fn find(word: &str) -> Option<Slug> {
                Slug::ALL.iter().copied().find(|slug| slug.word() == word)
            }
        }
    };
}

changes! {
    // Data that leaves.
    /// A host is called that was not called before.
    HostAdded "host-added" Danger New "a host is called that was not called before";
    /// A host is not called any more.
    HostRemoved "host-removed" Note Continue "a host is not called any more";
    /// A webhook or channel calls another host.
    HostChanged "host-changed" Danger Continue "the request goes to another host";
    /// A field goes to a host, or into a message, where it did not go before.
    FieldSentAdded "field-sent-added" Danger Continue "a field goes somewhere new";
    /// A field does not go to a host any more.
    FieldSentRemoved "field-sent-removed" Review Continue "a field does not go there any more";
    /// A field that went in a header or body now stands in the URL, which ends up in logs.
    FieldMovedToUrl "field-moved-to-url" Danger Continue "a field moved into the URL";
    /// The path or the query of a request changed.
    PathChanged "path-changed" Review Continue "the path or query changed";
    /// The HTTP method changed.
    MethodChanged "method-changed" Review Continue "the method changed";
    /// The body that is sent changed.
    BodyShapeChanged "body-shape-changed" Review Continue "the body changed";
    /// A header was added, removed or has another value.
    HeaderChanged "header-changed" Review Continue "a header changed";
    /// Credentials go along that did not before.
    AuthAdded "auth-added" Review Continue "credentials go along now";
    /// No credentials go along any more.
    AuthRemoved "auth-removed" Danger Continue "credentials do not go along any more";
    /// Other credentials go along: their kind, place or secret differs.
    AuthChanged "auth-changed" Danger Continue "other credentials go along";
    /// A secret is shown to a further host.
    AuthHostWidened "auth-host-widened" Danger Continue "a secret goes to a further host";
    /// Requests are signed now, not any more, or with another secret.
    SigningChanged "signing-changed" Danger Continue "the signature of requests changed";
    /// A webhook may send on another webhook's answer, or may not any more.
    UsesChanged "uses-changed" Review Continue "whose answers may be sent on changed";
    /// More of a response is read.
    ResponseFieldUsedAdded "response-field-used-added" Note Continue "more of an answer is read";
    /// What an answer must be changed.
    ResponseTypeChanged "response-type-changed" Review Continue "what an answer must be changed";

    // Who, and when.
    /// A workflow starts on something more.
    TriggerAdded "trigger-added" Review New "something more starts it";
    /// A workflow does not start on something any more.
    TriggerRemoved "trigger-removed" Review New "something does not start it any more";
    /// A workflow starts on another event.
    TriggerEventChanged "trigger-event-changed" Danger New "something else starts it";
    /// A condition certainly lets more through.
    FilterWidened "filter-widened" Danger New "a condition lets more through";
    /// A condition certainly lets less through.
    FilterNarrowed "filter-narrowed" Review New "a condition lets less through";
    /// A condition changed, and neither lets certainly more through.
    FilterChanged "filter-changed" Review New "a condition changed";
    /// A message goes to another address.
    RecipientChanged "recipient-changed" Danger Continue "a message goes to somebody else";
    /// A message is sent at a further step.
    SendAdded "send-added" Danger Continue "a message is sent that was not";
    /// A message is not sent any more at a step.
    SendRemoved "send-removed" Review Continue "a message is not sent any more";
    /// A run may send more messages, or a contact may get more in a day.
    MaxSendsIncreased "max-sends-increased" Danger Continue "a contact may get more messages";
    /// The least or the most messages of a run are others, and not more.
    SendsChanged "sends-changed" Note Continue "a run sends another number of messages";
    /// A condition on the contact, or the hours, no longer stand before every way to a message.
    ConsentCheckRemoved "consent-check-removed" Danger Continue "a check before a message is gone";
    /// The hours of a message changed.
    QuietHoursChanged "quiet-hours-changed" Review Continue "the hours of a message changed";
    /// A time is read in another time zone.
    TimezoneChanged "timezone-changed" Review Continue "another time zone counts";
    /// More requests may be made in the same time.
    RateLimitRaised "rate-limit-raised" Review Continue "more requests may be made";
    /// Fewer requests may be made in the same time.
    RateLimitLowered "rate-limit-lowered" Review Continue "fewer requests may be made";
    /// There is no limit of requests any more.
    RateLimitRemoved "rate-limit-removed" Danger Continue "the limit of requests is gone";
    /// How soon a contact may enter again changed.
    DedupeChanged "dedupe-changed" Danger New "a contact may enter again at another time";
    /// Whether a contact may enter while a run of it goes on changed.
    ReentryPolicyChanged "reentry-policy-changed" Danger New "whether runs of one contact overlap changed";
    /// Who belongs to a segment changed.
    SegmentChanged "segment-changed" Review Continue "who belongs to a segment changed";
    /// An event ends runs that did not.
    ExitAdded "exit-added" Review Continue "an event ends runs that did not";
    /// An event does not end runs any more.
    ExitRemoved "exit-removed" Danger Continue "an event does not end runs any more";
    /// Another condition decides whether an event ends runs.
    ExitChanged "exit-changed" Review Continue "when an event ends runs changed";

    // What is said.
    /// The text of a message changed.
    MessageTextChanged "message-text-changed" Review Continue "the text of a message changed";
    /// The subject or title of a message changed.
    MessageSubjectChanged "message-subject-changed" Review Continue "the subject of a message changed";
    /// The sender of a message, or where answers go, changed.
    MessageSenderChanged "message-sender-changed" Danger Continue "the sender of a message changed";
    /// A message shows data that it did not show.
    TemplateVariableAdded "template-variable-added" Review Continue "a message shows more data";
    /// A reference without a value would now print itself.
    TemplateVariableFallbackRemoved "template-variable-fallback-removed" Review Continue "a reference lost what stands in for it";
    /// A message has a link that it did not have.
    LinkAdded "link-added" Review Continue "a message has a further link";
    /// A message links to a host that it did not link to.
    LinkHostChanged "link-host-changed" Danger Continue "a message links to another host";
    /// A message has no way to unsubscribe any more.
    UnsubscribeRemoved "unsubscribe-removed" Danger Continue "the way to unsubscribe is gone";
    /// A message goes out by a further channel.
    ChannelAdded "channel-added" Danger Continue "a message goes out by a further channel";
    /// A message does not go out by a channel any more.
    ChannelRemoved "channel-removed" Review Continue "a message does not go out by a channel any more";
    /// A message has a part that it did not have, or lacks one.
    MessagePartChanged "message-part-changed" Review Continue "a part of a message came or went";

    // The way through a workflow.
    /// A step was added.
    StepAdded "step-added" Review Continue "a step was added";
    /// A step was removed.
    StepRemoved "step-removed" Review Continue "a step was removed";
    /// Steps are run in another order.
    StepReordered "step-reordered" Review Continue "steps are run in another order";
    /// The condition of a branch changed.
    BranchConditionChanged "branch-condition-changed" Review Continue "the condition of a branch changed";
    /// A branch was added.
    BranchAdded "branch-added" Review Continue "a branch was added";
    /// A branch was removed.
    BranchRemoved "branch-removed" Review Continue "a branch was removed";
    /// There is no branch for the rest any more.
    DefaultBranchRemoved "default-branch-removed" Danger Continue "the branch for all others is gone";
    /// The shares of a split changed.
    SplitShareChanged "split-share-changed" Review Continue "the shares of a split changed";
    /// The reason or the kind of an end changed.
    EndChanged "end-changed" Review Continue "how a run ends changed";
    /// The result of a call is kept under another name.
    ResultRenamed "result-renamed" Review Break "the result of a call has another name";
    /// A workflow was added.
    WorkflowAdded "workflow-added" Review New "a workflow was added";
    /// A workflow was removed.
    WorkflowRemoved "workflow-removed" Danger Break "a workflow was removed";
    /// A workflow has another name.
    WorkflowRenamed "workflow-renamed" Review New "a workflow has another name";
    /// An event is raised that was not.
    EmitAdded "emit-added" Review Continue "an event is raised that was not";
    /// An event is not raised any more.
    EmitRemoved "emit-removed" Review Continue "an event is not raised any more";
    /// A raised event has other parameters.
    EmitChanged "emit-changed" Review Continue "a raised event has other parameters";

    // Time and delivery.
    /// A wait is longer or shorter.
    WaitChanged "wait-changed" Review Continue "a wait has another length";
    /// The waits of the longest way through a workflow add up to something else.
    LongestWaitChanged "longest-wait-changed" Note Continue "the longest way takes another time";
    /// A wait was removed.
    WaitRemoved "wait-removed" Review Break "a wait was removed";
    /// A time or an event that is waited for changed.
    WaitUntilChanged "wait-until-changed" Review Continue "what is waited for changed";
    /// A schedule changed.
    ScheduleChanged "schedule-changed" Review New "the schedule changed";
    /// A request is tried more often or further apart.
    RetryRaised "retry-raised" Review Continue "a request is tried more often or for longer";
    /// A request is tried less often or less far apart.
    RetryLowered "retry-lowered" Review Continue "a request is tried less often or for a shorter time";
    /// An attempt may take more or less time.
    TimeoutChanged "timeout-changed" Review Continue "an attempt may take another time";
    /// What happens after a failed call changed.
    OnErrorChanged "on-error-changed" Review Continue "what happens after a failed call changed";

    // Who a contact is, and what is kept of it.
    /// The contact is looked up by something else.
    IdentifyKeyChanged "identify-key-changed" Danger New "the contact is looked up by something else";
    /// The ways to look a contact up are tried in another order.
    IdentifyOrderChanged "identify-order-changed" Danger New "the contact is looked up in another order";
    /// What happens when no contact is found changed.
    CreateIfMissingChanged "create-if-missing-changed" Danger New "what happens without a contact changed";
    /// A field of the contact is written that was not.
    ContactWriteAdded "contact-write-added" Review Continue "a field of the contact is written now";
    /// A field of the contact is not written any more.
    ContactWriteRemoved "contact-write-removed" Review Continue "a field of the contact is not written any more";
    /// A field of the contact is written with another value.
    ContactWriteChanged "contact-write-changed" Review Continue "a field of the contact gets another value";
    /// A field was added to an event or to the contact card.
    FieldAdded "field-added" Review New "a field was added";
    /// A field was removed from an event or from the contact card.
    FieldRemoved "field-removed" Danger Break "a field was removed";
    /// A field has another type.
    FieldTypeChanged "field-type-changed" Danger Break "a field has another type";
    /// A field has another default.
    FieldDefaultChanged "field-default-changed" Review Continue "a field has another default";
    /// A field that was sensitive is shown now.
    FieldClassificationLowered "field-classification-lowered" Danger Unaffected "a field is no longer masked";
    /// A field that was shown is masked now.
    FieldClassificationRaised "field-classification-raised" Note Unaffected "a field is masked now";

    // Declarations as such.
    /// A declaration was added: an event, webhook, connector, channel, segment or message.
    DeclarationAdded "declaration-added" Note New "a declaration was added";
    /// A declaration was removed.
    DeclarationRemoved "declaration-removed" Review Break "a declaration was removed";
    /// A declaration has another name.
    DeclarationRenamed "declaration-renamed" Note Continue "a declaration has another name";
    /// The description of a declaration changed.
    DescriptionChanged "description-changed" Note Unaffected "a description changed";
    /// Something changed that no other kind names.
    DeclarationChanged "declaration-changed" Review Continue "a declaration changed";

    // Guards.
    /// A test was removed.
    TestRemoved "test-removed" Danger Unaffected "a test was removed";
    /// A test was added.
    TestAdded "test-added" Note Unaffected "a test was added";
    /// A test does or expects something else.
    TestExpectationChanged "test-expectation-changed" Review Unaffected "a test does or expects something else";
    /// The tests take fewer of the ways through the program.
    CoverageDecreased "coverage-decreased" Note Unaffected "the tests take fewer of the ways";
    /// A setting lets more through: more hosts, more callers, less encryption.
    PolicyLoosened "policy-loosened" Danger Continue "a setting lets more through";
    /// A setting lets less through.
    PolicyTightened "policy-tightened" Review Continue "a setting lets less through";
    /// A setting has another value.
    SettingChanged "setting-changed" Review Continue "a setting has another value";
    /// A finding is accepted that was not.
    SuppressionAdded "suppression-added" Review Unaffected "a change is accepted in advance";
    /// What is accepted does not occur.
    SuppressionUnused "suppression-unused" Review Unaffected "what is accepted does not occur";
}

impl Slug {
    /// Whether two programs show it. Else it is what settings, accept lines or rehearsals say.
    pub const fn is_of_programs(self) -> bool {
        !matches!(
            self,
            Slug::CoverageDecreased
                | Slug::PolicyLoosened
                | Slug::PolicyTightened
                | Slug::SettingChanged
                | Slug::SuppressionAdded
                | Slug::SuppressionUnused
        )
    }

    /// One side of the pair that its page shows, `before` or `after`: the language, `wf` or that of settings, and the text.
    pub fn example(self, side: &str) -> Option<(&'static str, &'static str)> {
        ["wf", "toml"].into_iter().find_map(|language| {
            let (_, rest) = self.page().split_once(&format!("```{language} {side}\n"))?;
            rest.split_once("```").map(|(text, _)| (language, text))
        })
    }
}

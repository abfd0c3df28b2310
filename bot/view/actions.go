package view

// Names of buttons and menus (Button.Action, Menu.Action, Overflow.Action). Package commands implements every one; the Ref says what it
// is about. An overflow's and a menu's answer is the chosen option's value.
const (
	ActionAck               = "ack"                // acknowledge, take the page
	ActionTakeRole          = "take-role"          // Subject: the role
	ActionConfirmSev        = "confirm-sev"        // Subject: the severity, "1" to "4"
	ActionMitigated         = "mitigated"          // set the status to mitigated
	ActionMoreTime          = "more-time"          // once per level
	ActionSendHelp          = "send-help"          // page the next level now
	ActionOpenProgress      = "open-progress"      // opens ProgressForm
	ActionOpenSev           = "open-sev"           // opens SeverityForm
	ActionOpenWhy           = "open-why"           // opens WhyForm
	ActionOpenUpdate        = "open-update"        // opens UpdateForm
	ActionOpenRunbook       = "open-runbook"       // opens RunbookForm
	ActionOpenResolve       = "open-resolve"       // opens ResolveForm
	ActionOpenCancel        = "open-cancel"        // opens CancelForm
	ActionOpenRole          = "open-role"          // opens RoleForm
	ActionReopen            = "reopen"             // opens ReopenForm
	ActionMerge             = "merge"              // it is a duplicate; Subject: the incident it goes on as
	ActionSplit             = "split"              // Subject: the service whose groups become an incident of their own
	ActionFixDeployed       = "fix-deployed"       // the moment
	ActionCustomersNotified = "customers-notified" // the moment
	ActionClose             = "close"              // close what is resolved
	ActionMore              = "more"               // the headline's overflow; the option's value is one of the names above
	ActionStepDone          = "step-done"          // Runbook, Subject: the step; no finding
	ActionStepBranch        = "step-branch"        // Runbook, Subject: the step; Note: Branch.Value
	ActionStepFinding       = "step-finding"       // opens FindingForm
	ActionStepSkip          = "step-skip"          // opens SkipForm
	ActionOpenDeclare       = "open-declare"       // opens DeclareForm; Note: a title to begin with
	ActionDeclare           = "declare-anyway"     // declare although an open incident looks alike; Note: what was typed
	ActionJoin              = "join"               // invite me to the incident's channel
	ActionPick              = "pick"               // this incident was meant; Note: what was typed
	ActionTimeline          = "timeline"           // Note: the sequence number to go on from
	ActionOpenHandOn        = "open-hand-on"       // opens HandOnForm
	ActionResume            = "resume"             // clocks that stand still run again
	ActionTouched           = "touched"            // Subject: TouchedCustomers ...

	ActionAnswerYes       = "answer-yes"     // Subject: the question
	ActionAnswerUnknown   = "answer-unknown" // Subject: the question
	ActionAnswerNo        = "answer-no"      // opens AnswerForm; Subject: the question
	ActionDutyTake        = "duty-take"      // Subject: key of the duty
	ActionDutyDone        = "duty-done"      // opens DutyDoneForm; Subject: key of the duty
	ActionDutyDrop        = "duty-drop"      // opens DutyDropForm; Subject: key of the duty
	ActionOpenNotice      = "open-notice"    // opens NoticeForm; Subject: the notice
	ActionOpenAction      = "open-action"    // opens ActionForm
	ActionOpenCapture     = "open-capture"   // opens CaptureForm
	ActionOpenHandOver    = "open-hand-over" // opens HandOverForm
	ActionAcceptHandOver  = "accept-hand-over"
	ActionDeclineHandOver = "decline-hand-over"
)

// Names of buttons about a runbook's values, and of those put forward.
const (
	ActionUseRunbook     = "use-runbook"     // Subject: the runbook that was put forward; Note: the step it begins at
	ActionOpenParameters = "open-parameters" // opens ParametersForm; Runbook: whose parameters come first
)

// FormParameters asks for the values of runbooks' commands.
const FormParameters = "parameters"

// Names of forms (Form.ID).
const (
	FormDeclare  = "declare"
	FormProgress = "progress"
	FormWhy      = "why"
	FormSeverity = "severity"
	FormUpdate   = "update"
	FormResolve  = "resolve"
	FormCancel   = "cancel"
	FormReopen   = "reopen"
	FormFinding  = "finding"
	FormSkip     = "skip"
	FormRole     = "role"
	FormRunbook  = "runbook"
	FormHandOn   = "hand-on"
	FormDutyDone = "duty-done"
	FormDutyDrop = "duty-drop"
	FormAnswer   = "answer"
	FormNotice   = "notice"
	FormAction   = "action"
	FormGuide    = "guide"
	FormCapture  = "capture"
	FormHandOver = "hand-over"
	FormPrivate  = "private"
	FormPage     = "page"
)

// Yes is the value of a box that is ticked.
const Yes = "yes"

// Names of a form's answers (Input.ID).
const (
	InputTitle    = "title"
	InputSeverity = "severity" // "1" to "4"
	InputService  = "service"
	InputText     = "text"   // progress, update, outcome, finding
	InputReason   = "reason" // of a severity, a cancellation, a reopening, a skip
	InputNext     = "next"   // minutes until the next update, "30"; empty: as the severity says
	InputBranch   = "branch" // Branch.Value of the finding, BranchNone
	InputRole     = "role"
	InputPerson   = "person" // Slack user id; empty: nobody holds it
	InputRunbook  = "runbook"
	InputPrivate  = "private" // Yes, or empty
	InputTarget   = "target"  // key of a target, or PageNext
	InputMoments  = "moments" // names, with commas between
	InputDay      = "day"     // "2026-12-01"
	InputTenants  = "tenants" // percent of tenants
	InputSLO      = "slo"     // times over the SLO
	InputFacts    = "facts"   // GuideDataLoss ..., with commas between

	InputRequests      = "requests"
	InputTraces        = "traces"
	InputAffected      = "affected"
	InputOrganisations = "organisations"
	InputWindow        = "window" // "03:02-03:40"
	InputFreeze        = "freeze" // operations that should pause, one per line
)

// BranchNone is the answer to InputBranch that follows the order of the page, BranchStay the one that leaves the step open.
const (
	BranchNone = "none"
	BranchStay = "stay"
)

// Names of buttons, forms and answers about a runbook's step; Ref.Runbook and Ref.Subject say which.
const (
	ActionStepTake    = "step-take"    // Note: the key of who was shown to work it
	ActionStepBlock   = "step-block"   // opens BlockForm
	ActionStepUnblock = "step-unblock" // it waits no longer
	ActionStepHelp    = "step-help"    // rings the runbook's owner
	ActionStepAsk     = "step-ask"     // asks for the approval
	ActionStepRing    = "step-ring"    // rings who must approve
	ActionStepApprove = "step-approve" // opens ApproveForm
	ActionStepConfirm = "step-confirm" // the second pair of eyes
	ActionStepReturn  = "step-return"  // opens ReturnForm
	ActionStepList    = "step-list"    // shows all steps; Note: the card's number
	ActionStepAgain   = "step-again"   // a menu's, whose answer is the step's id, or a button's, whose Subject is; Note: the card's number
	ActionStepOpen    = "step-open"    // a menu's; the answer is the step's id; Note: the card's number

	ActionStepSent = "step-sent" // opens SentForm; Note: DraftOther, or empty
	ActionStepTell = "step-tell" // opens TellForm

	FormBlock   = "step-block"
	FormApprove = "step-approve"
	FormSecond  = "step-second"
	FormReturn  = "step-return"

	FormStepSent = "step-sent"
	FormStepTell = "step-tell"

	InputWhom  = "whom"  // who can end a block
	InputSince = "since" // a time of day, "03:40"

	InputHow       = "how"       // how they are told
	InputRoles     = "roles"     // who was told, with commas between
	InputTo        = "to"        // who got it, by name or address
	InputReference = "reference" // where it can be found
)

// Names of the buttons and the form about a review; Ref.Subject is the ask ("INC-7/RB-003"), Ref.Runbook what is reviewed.
const (
	ActionReviewDone   = "review-done"
	ActionReviewChange = "review-change" // opens ReviewForm
	ActionReviewLater  = "review-later"

	FormReview = "review"
)

// What can be ticked in the severity guide.
const (
	GuideDataLoss   = "data-loss"
	GuideBreach     = "breach"
	GuideCritical   = "critical"
	GuideDegraded   = "degraded"
	GuideWorkaround = "workaround"
)

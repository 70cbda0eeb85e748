"""What annotators of English read on an audit's page."""

from __future__ import annotations

from languages.audit_page import AuditPageTexts

AUDIT_PAGE = AuditPageTexts(
    welcome="Thank you for helping. This page shows one sentence at a time, with one word in bold. "
    "Just read it and choose the answer that your feeling for English tells you; you need to know "
    "nothing about computers or linguistics.",
    steps=(
        "Click on an answer, or press the key beside it. When a sentence is answered, the next one "
        "comes by itself.",
        "If you are in doubt, choose “Not sure”: that is a useful answer too. Please do not guess.",
        "Where you are not sure or find something wrong, the page asks why: one key is enough, or "
        "leave it out.",
        "Judge each sentence by itself. If you meet one like one you have done before, answer as "
        "you did then, without looking it up. If others answer too, please do not discuss your "
        "answers with them until all of you have finished.",
        "You can stop at any time: open this very file in this very browser again, and the page "
        "goes on where you were.",
        "When you have finished, or want to send what you have done so far, press “Save file” and "
        "send the file that was saved. Do not send this page back: your answers are not in it.",
    ),
    duration="There are {rows} sentences, about {minutes} minutes; not necessarily in one go.",
    begin="Start with a few trial sentences",
    go_on="Go on",
    training="Trial {number} of {rows}",
    training_note="Trial sentences do not count.",
    right="Right.",
    wrong="Better: {answer}.",
    training_done="The trial is over. From here on your answers count.",
    item="Sentence {number} of {rows}",
    progress="{done} of {rows} finished",
    minutes_left="about {minutes} minutes left",
    why="Why?",
    no_reason="Leave out",
    remark="Remark (if you like)",
    back="Back",
    skip="Later",
    undo="Undo",
    pause="Pause",
    help="Help",
    close="Close",
    save_file="Save file",
    open_file="Open a saved file",
    paused="Paused",
    paused_note="The time does not count. You can also close the page and open it again later.",
    finished="You have answered everything",
    finished_note="Thank you. Now press “Save file” and send the file to whoever asked you.",
    keys="Keys",
    keys_choose="the answer or the reason with that number",
    keys_unsure="not sure",
    keys_none="none of the senses",
    keys_move="to another answer; Enter chooses it",
    keys_items="the sentence before; later, on to the next one",
    keys_leave="out of the remark",
    keys_on="Single keys answer",
    kept="Your answers are kept in this browser.",
    not_kept="This browser does not let the page keep your answers (perhaps this is a private "
    "window). You can answer all the same, but press “Save file” before you close the page; next "
    "time press “Open a saved file” to go on.",
    kept_no_more="The browser has no room left: from now on your answers are only in the open "
    "page. Press “Save file” now, and before you close the page.",
    other_tab="This page is open in another tab too. No answer is lost: for each sentence the "
    "newest one counts. Please close one of the tabs.",
    undone="Undone.",
    nothing_to_undo="Nothing left to undo.",
    file_saved="Saved as {file}, most likely in your folder Downloads. Please send that file.",
    file_taken="Answers for {rows} sentences were taken from the file.",
    file_refused="This is not a file of answers of this page, or it was edited. Nothing was taken "
    "from it.",
    damaged="This page was damaged on its way. Please do not answer it; tell whoever sent it, and "
    "ask for it again.",
    no_script="This page needs JavaScript. Open the file in a browser such as Chrome, Firefox, "
    "Edge or Safari, not in a mail program's preview.",
)

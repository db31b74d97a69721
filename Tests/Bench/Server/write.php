<?php
// Does what webMUSHRA's service does with the answers of a mushra page: it appends rows to a table, without syncing.
// It is a rewrite for this kind of page only. webMUSHRA's own also checks for four other kinds, so it is a bit slower.
$session = json_decode($_POST['sessionJSON']);
$folder = '../results/' . preg_replace('/[^\w-]+/', '-', strtolower($session->testId));
if (!is_dir($folder)) {
    mkdir($folder, 0777, true);
}
$isNew = !is_file("$folder/mushra.csv");
$table = fopen("$folder/mushra.csv", 'a');
if ($isNew) {
    fputcsv($table, array_merge(['test'], $session->participant->name, ['trial', 'stimulus', 'score', 'time', 'comment']));
}
foreach ($session->trials as $trial) {
    if ($trial->type !== 'mushra') {
        continue;
    }
    foreach ($trial->responses as $response) {
        $who = array_merge([$session->testId], $session->participant->response);
        fputcsv($table, array_merge($who, [$trial->id, $response->stimulus, $response->score, $response->time, $response->comment ?? '']));
    }
}
fclose($table);

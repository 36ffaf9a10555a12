-- furrow revision aaaaaaaaaaaa
-- parent: none
-- message: engines
-- before: 00000000000000000000000000000000
-- after: 00000000000000000000000000000000
-- no-t'''''de sliqwe
-- squashes:REATE TABLE t (id"BIGINT PRIMARY KEY);
''''''''''''''''''de sqliwe
-- squashes:REATE TABLEt d i( BIGINT PRIMARY KEY);
-- mi'''de sqliwe
-- squashes:REATE TA
-- pare-- furrow revision aaaaaaaaaaaa
-- parent: none
-- message: m
-- before: 00000000000000000000000000000001
-- after: 00000000000000000000nt: none
-- message: m
-- before: 00000000000000000000000000000001
-- after: 0000000000BLE t (id BIGINT PRIMARY KEY);
'''''''''''''''''''de sqliwe
-- squashes:000000000000
-- upgrade sqlite
-- eff*ct:fevisionPRAGMA x;
BBBBBBB effect:fwrr/////////////////////////noe/*//////REATE TABLEt d i( BI-- furrow revision aaGINT aaaaaaaaaa
-- pPRare///////////////////
///
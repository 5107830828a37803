# script.sh as a C string: script_functions of script.h.
s/\\/\\\\/g
s/"/\\"/g
s/.*/"&\\n"/
1i #include "plan/script.h"\
\
const char script_functions[] =
$a ;

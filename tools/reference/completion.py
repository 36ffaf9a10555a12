# SPDX-License-Identifier: MIT
"""Write completion scripts of the furrow command for bash, zsh and fish from the table of verbs."""
import os

import verbs

# What completes the value of an option or an argument: words, or "files" or "folders".
VALUES = {"DIR": "folders", "FILE": "files", "models.h...": "*.h"}
DIALECTS = ["sqlite", "postgresql"]
TARGETS = {"upgrade": ["head", "heads"], "downgrade": ["base"], "stamp": ["head", "heads", "base"]}


def value_words(option):
    return DIALECTS if option.name == "--dialect" else []


def takes_headers(verb):
    return "models.h" in verb.usage


def options_of(verb):
    return [o for o in verb.options if o.name]


def flags(option):
    return [f for f in (option.letter, option.name) if f]


def text_of(option):
    """The first sentence of an option's help, without characters that are special in a shell."""
    text = option.text.split(". ")[0].split(": ")[0].split(" (")[0].rstrip(".;")
    return text.replace("'", "").replace("[", "").replace("]", "").replace(":", "")


BASH = """# bash completion for furrow
_furrow() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "%(verbs)s --help --version" -- "$word"))
        return
    fi
    case $verb,$previous in
%(values)s
    esac
    case $word in
    -*)
        case $verb in
%(options)s
        esac
        return
        ;;
    esac
    case $verb in
%(operands)s
    esac
}
complete -F _furrow furrow
"""


def bash(every):
    values, options, operands = [], [], []
    for verb in every:
        for option in options_of(verb):
            if not option.value:
                continue
            patterns = "|".join("%s,%s" % (verb.name, f) for f in flags(option))
            words = value_words(option)
            if words:
                reply = 'COMPREPLY=($(compgen -W "%s" -- "$word"))' % " ".join(words)
            elif VALUES.get(option.value) == "folders":
                reply = 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word")'
            elif VALUES.get(option.value) == "files":
                reply = 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word")'
            else:
                reply = ":"
            values.append("    %s) %s; return ;;" % (patterns, reply))
        names = " ".join(f for o in options_of(verb) for f in flags(o))
        options.append('        %s) COMPREPLY=($(compgen -W "%s" -- "$word")) ;;' % (verb.name, names))
        if takes_headers(verb):
            operands.append('    %s)\n        compopt -o filenames 2>/dev/null\n        mapfile -t COMPREPLY < '
                            '<(compgen -d -- "$word"; compgen -f -X \'!*.h\' -- "$word")\n        ;;'
                            % verb.name)
        elif verb.name in TARGETS:
            operands.append('    %s) COMPREPLY=($(compgen -W "%s" -- "$word")) ;;'
                            % (verb.name, " ".join(TARGETS[verb.name])))
    return BASH % {"verbs": " ".join(v.name for v in every), "values": "\n".join(values),
                   "options": "\n".join(options), "operands": "\n".join(operands)}


ZSH = """#compdef furrow
# zsh completion for furrow
_furrow() {
    local context state line
    local -a verbs
    verbs=(
%(verbs)s
    )
    _arguments -C '(- *)--help[print the help]' '(- *)--version[print the version]' '1: :->verb' '*:: :->arguments'
    case $state in
    verb) _describe verb verbs ;;
    arguments)
        case $words[1] in
%(cases)s
        esac
        ;;
    esac
}
_furrow "$@"
"""


def zsh(every):
    cases = []
    for verb in every:
        specs = []
        for option in options_of(verb):
            names = flags(option)
            action = ""
            if option.value:
                kind = VALUES.get(option.value)
                words = value_words(option)
                action = ":%s:%s" % (option.value.rstrip(",.").lower(), "(%s)" % " ".join(words) if words else
                                     "_files -/" if kind == "folders" else "_files" if kind == "files" else " ")
            for name in names:
                specs.append("'(%s)%s[%s]%s'" % (" ".join(names), name, text_of(option), action))
        if takes_headers(verb):
            specs.append("'*:header:_files -g \"*.h\"'")
        elif verb.name in TARGETS:
            specs.append("'*:target:(%s)'" % " ".join(TARGETS[verb.name]))
        cases.append("        %s)\n            _arguments -s %s\n            ;;"
                     % (verb.name, " \\\n                ".join(specs)))
    return ZSH % {"verbs": "\n".join("        '%s:%s'" % (v.name, v.summary.replace(":", "\\:"))
                                     for v in every), "cases": "\n".join(cases)}


def fish(every):
    lines = ["# fish completion for furrow",
             "complete -c furrow -f",
             "complete -c furrow -n __fish_use_subcommand -l help -d 'print the help'",
             "complete -c furrow -n __fish_use_subcommand -l version -d 'print the version'"]
    for verb in every:
        lines.append("complete -c furrow -n __fish_use_subcommand -a %s -d '%s'" % (verb.name, verb.summary))
    for verb in every:
        when = "complete -c furrow -n '__fish_seen_subcommand_from %s'" % verb.name
        for option in options_of(verb):
            line = when + (" -s " + option.letter[1:] if option.letter else "") + " -l " + option.name[2:]
            if option.value:
                kind = VALUES.get(option.value)
                words = value_words(option)
                line += " -x -a '%s'" % " ".join(words) if words else \
                    " -x -a '(__fish_complete_directories)'" if kind == "folders" else \
                    " -r -F" if kind == "files" else " -x"
            lines.append(line + " -d '%s'" % text_of(option))
        if takes_headers(verb):
            lines.append(when + " -a '(__fish_complete_suffix .h)'")
        elif verb.name in TARGETS:
            lines.append(when + " -a '%s'" % " ".join(TARGETS[verb.name]))
    return "\n".join(lines) + "\n"


def write(command, folder):
    every = [v for g in verbs.read(command).groups for v in g.verbs]
    os.makedirs(folder, exist_ok=True)
    for name, text in [("furrow", bash(every)), ("_furrow", zsh(every)), ("furrow.fish", fish(every))]:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

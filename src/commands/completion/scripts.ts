/** The scripts for shells. They know nothing of the commands: each asks `clockout __complete` with the words so far. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const shellScripts: Record<Shell, string> = {
  bash: `# bash completion for clockout
_clockout_complete() {
  local line directive=0
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  if ! ((directive & 4)); then compopt -o default 2>/dev/null; fi
}
complete -F _clockout_complete clockout
`,
  zsh: `#compdef clockout
_clockout_complete() {
  local line directive=0 word
  local -a described
  while IFS= read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      *)
        word=\${line%%$'\\t'*}
        if [[ $line == *$'\\t'* ]]; then
          described+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
        else
          described+=("\${word//:/\\\\:}")
        fi
        ;;
    esac
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if ((directive & 2)); then
    _describe clockout described -S ''
  else
    _describe clockout described
  fi
  if ! ((directive & 4)); then _files; fi
}
compdef _clockout_complete clockout
`,
  fish: `# fish completion for clockout
function __clockout_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  test -z "$current"; and set current ''
  set -l directive 0
  for line in ($words[1] __complete $words[2..-1] $current 2>/dev/null)
    if string match -q ':*' -- $line
      set directive (string sub -s 2 -- $line)
    else
      echo $line
    end
  end
  contains -- $directive 0 2; and __fish_complete_path $current
end
complete -c clockout -f -a '(__clockout_complete)'
`,
};

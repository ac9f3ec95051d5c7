/** `nodewright completion`: scripts for shells. All they do is to ask `nodewright __complete`, see complete.ts. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export async function runCompletion(shell: Shell): Promise<number> {
  process.stdout.write(completionScript(shell));
  return 0;
}

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/** Of a word such as `--output=js` or `arn:x`, bash replaces only what comes after the last = or :. */
const BASH = `# Completion of nodewright for bash: source <(nodewright completion bash)
_nodewright() {
  local line=\${COMP_LINE:0:COMP_POINT} words cur reply directive=4 kept=
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=\${words[\${#words[@]}-1]}
  [[ $cur == *[=:]* ]] && kept=\${cur%"\${cur##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r reply; do
    case $reply in
      :*) directive=\${reply#:} ;;
      *) COMPREPLY+=("\${reply%%$'\\t'*}") ;;
    esac
  done < <("\${words[0]/#\\~/$HOME}" __complete "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=("\${COMPREPLY[@]#"$kept"}")
  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  if ((directive & 4)); then compopt +o default 2>/dev/null; fi
}
complete -o default -F _nodewright nodewright
`;

const ZSH = `#compdef nodewright
# Completion of nodewright for zsh: nodewright completion zsh > ~/.zfunc/_nodewright
_nodewright() {
  local -a candidates nospace
  local reply directive=4
  for reply in "\${(@f)$("\${words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $reply in
      '') ;;
      :*) directive=\${reply#:} ;;
      *) reply=\${reply//:/\\\\:}; candidates+=("\${reply/$'\\t'/:}") ;;
    esac
  done
  if ((directive & 2)); then nospace=(-S ''); fi
  if (($#candidates)); then _describe nodewright candidates $nospace; fi
  if ((! (directive & 4))); then _files; fi
}
if [[ $funcstack[1] == _nodewright ]]; then _nodewright "$@"; else compdef _nodewright nodewright; fi
`;

const FISH = `# Completion of nodewright for fish: nodewright completion fish > ~/.config/fish/completions/nodewright.fish
function __nodewright_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l directive 4
  for reply in ($words[1] __complete $words[2..-1] 2>/dev/null)
    if string match -q ':*' -- $reply
      set directive (string sub -s 2 -- $reply)
    else
      echo $reply
    end
  end
  if test $directive -eq 0
    __fish_complete_path (commandline -ct)
  end
end
complete -c nodewright -f -a '(__nodewright_complete)'
`;

const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH };

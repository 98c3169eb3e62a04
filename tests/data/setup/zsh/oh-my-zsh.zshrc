# If you come from bash you might have to change your $PATH.
export ZSH="$HOME/.oh-my-zsh"
ZSH_THEME="agnoster"
plugins=(git z
  zsh-autosuggestions)
source $ZSH/oh-my-zsh.sh
setopt PROMPT_SUBST
RPROMPT='%(?..%F{red}%?%f )$(git_prompt_info)'
[[ ! -f ~/.p10k.zsh ]] || source ~/.p10k.zsh
alias shm='~/src/shmeter/build/bin/shmeter'

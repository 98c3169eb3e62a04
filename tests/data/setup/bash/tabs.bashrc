if true; then
	cat <<-'EOF'
	# >>> not a mark of shmeter >>>
	EOF
fi
	

# What people run; everything is built with optimisation, since kernels built without it are sixty times slower.

CACHE := $(or $(PEFTKIT_CACHE),$(HOME)/.cache/peftkit)
BUILD := swift build --configuration release
# Tests see `package` declarations; testable imports would only build everything a second time, with other options.
TEST := Scripts/with-open-files.sh swift test --configuration release --disable-testable-imports $(TEST_OPTIONS)
PEFT := .build/release/peft

# The demo's recipe: the best found on the validation split.
DEMO_ADAPTER := adapter-demo
DEMO_RECIPE := --method lora --rank 8 --alpha 16 --dropout 0.1 --targets all-linear --epochs 2 --batch-size 16 \
	--learning-rate 1e-3 --weight-decay 0.01 --max-length 128 --seed 0

# A language model with 4-bit weights, tuned on plays; Hamlet is held out.
SMOLLM2 := $(CACHE)/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
DEMO_LLM_ADAPTER := adapter-demo-llm
DEMO_LLM_RECIPE := --task language-model --method lora --rank 8 --alpha 16 --targets all-linear --batch-size 4 --max-steps 80 \
	--learning-rate 5e-4 --max-length 256 --seed 0
DEMO_LLM_MEASURE := evaluate --task language-model --model $(SMOLLM2) --data $(CACHE)/plays/held-out --max-length 256
DEMO_LLM_SAMPLE := generate --model $(SMOLLM2) --prompt "Enter the GHOST." --max-tokens 80 --temperature 0.8 --top-p 0.95

SWIFT_FILES := git ls-files -z --cached --others --exclude-standard '*.swift' | xargs -0

.DEFAULT_GOAL := help
.PHONY: help setup fetch fetch-reviews fetch-plays build demo demo-llm test test-full test-kernels check-dependent
.PHONY: check-interchange check-quantized check-hub check-tensorboard docs check-docs examples
.PHONY: bench bench-peers bench-methods format lint

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: setup fetch-reviews build ## Fine-tune a real BERT on 2,000 real reviews, then evaluate and use it
	rm -rf $(DEMO_ADAPTER)
	$(PEFT) train --model $(CACHE)/minilm --train $(CACHE)/reviews/train.jsonl --limit 2000 \
		--validation $(CACHE)/reviews/validation.jsonl $(DEMO_RECIPE) --output $(DEMO_ADAPTER)
	$(PEFT) evaluate --model $(CACHE)/minilm --adapter $(DEMO_ADAPTER) --data $(CACHE)/reviews/test.jsonl
	$(PEFT) predict --model $(CACHE)/minilm --adapter $(DEMO_ADAPTER) \
		--text "A warm, funny and beautifully acted film." --text "Two hours of my life that I will never get back."

demo-llm: setup fetch-plays build ## Tune a language model with 4-bit weights on plays, and let it write before and after
	rm -rf $(DEMO_LLM_ADAPTER)
	$(PEFT) $(DEMO_LLM_MEASURE)
	$(PEFT) $(DEMO_LLM_SAMPLE)
	$(PEFT) train --model $(SMOLLM2) --train $(CACHE)/plays/train $(DEMO_LLM_RECIPE) --output $(DEMO_LLM_ADAPTER)
	$(PEFT) $(DEMO_LLM_MEASURE) --adapter $(DEMO_LLM_ADAPTER)
	$(PEFT) $(DEMO_LLM_SAMPLE) --adapter $(DEMO_LLM_ADAPTER)

test: setup ## Run the tests; those on the real model run when it can be fetched
	@Scripts/fetch.sh || echo "Going on without the model: the tests that use it are skipped."
	$(TEST)

test-full: export PEFTKIT_REQUIRE_MODEL := 1
test-full: export PEFTKIT_LONG_TESTS := 1
test-full: setup fetch ## Run the tests, the long ones in full, and fail where the real model is missing
	$(TEST)

KERNEL_SUITES := ^(GoldenTests|PEFTAutogradTests|PEFTTensorTests|PEFTMethodsTests)\.

test-kernels: setup ## Run what compares numbers with other kernels than the best, and with 1 and 3 workers
	PEFTKIT_KERNELS=avx2 PEFTKIT_WORKERS=1 $(TEST) --filter '$(KERNEL_SUITES)'
	PEFTKIT_KERNELS=portable PEFTKIT_WORKERS=3 $(TEST) --filter '$(KERNEL_SUITES)'

build: setup ## Build the peft command and the library, in about two minutes
	$(BUILD) --product peft

setup: ## Install what is missing, or say what to install
	@Scripts/setup.sh

fetch: setup ## Fetch the models, the reviews and the plays into the cache
	@Scripts/fetch.sh

fetch-reviews fetch-plays: setup
	@Scripts/fetch.sh $(@:fetch-%=%)

examples: setup fetch-reviews ## Build and run the programs of Examples
	Scripts/run-examples.sh

check-dependent: setup fetch ## Build and run the README's program in a package that depends on this one by URL
	Scripts/check-dependent.sh

docs: setup ## Build the documentation as a static site in .build/docs
	Scripts/build-docs.sh

check-docs: docs ## Check that the documentation is whole: abstracts, topics, links, pictures, quoted figures
	Scripts/draw-methods.py --check
	Scripts/check-docs.py
	Scripts/check-figures.py

check-interchange: setup fetch build ## Prove with Python's peft and adapters that adapters go both ways
	Scripts/oracle/make-environments peft
	$(CACHE)/venv-peft/bin/python Scripts/oracle/check_interchange.py
	Scripts/oracle/make-environments adapters
	$(CACHE)/venv-adapters/bin/python Scripts/oracle/check_interchange_adapters.py

check-quantized: setup fetch build ## Prove with transformers and bitsandbytes that quantised checkpoints go both ways
	Scripts/oracle/make-environments bitsandbytes
	$(CACHE)/venv-bitsandbytes/bin/python Scripts/oracle/check_quantized.py

check-hub: setup build ## Prove with huggingface_hub that the cache of downloads is shared both ways
	Scripts/oracle/make-environments peft
	$(CACHE)/venv-peft/bin/python Scripts/oracle/check_hub.py

check-tensorboard: setup ## Prove that TensorBoard reads the event files, those of a resumed run, too
	Scripts/oracle/make-environments tensorboard
	rm -rf .build/event-files
	PEFTKIT_EVENT_FILES=.build/event-files $(TEST) --filter ResumedBoardTests
	$(CACHE)/venv-tensorboard/bin/python Scripts/oracle/check_tensorboard.py .build/event-files

# The plugin's patterns match whole names; a plain word means every name that begins with it.
BENCH_PATTERNS = $(shell printf '%s' "$(BENCH_OPTIONS)" | sed -E "s/(--(filter|skip)[ =])([A-Za-z0-9-]+)( |$$)/\1'\3.*'\4/g")

bench: setup ## Measure products, kernels, steps and files; BENCH_OPTIONS="--filter GEMM" chooses
	@Scripts/fetch.sh || echo "Going on without the model and the reviews: tokenizing is left out."
	swift package --package-path Benchmarks --disable-sandbox benchmark $(BENCH_PATTERNS) --grouping metric --no-progress

# PEERS_OPTIONS are those of compare.py: rows, --rounds, --steps …
bench-peers: setup fetch build ## Measure against PyTorch, peft, adapters, ONNX Runtime and llama.cpp, and write Documentation/Benchmarks.md
	Scripts/oracle/make-environments onnx
	Scripts/oracle/make-environments adapters
	Scripts/oracle/make-environments gguf
	Scripts/oracle/make-environments llama
	swift build --package-path Benchmarks --configuration release --product peft-bench
	python3 Benchmarks/Peers/compare.py $(PEERS_OPTIONS)

bench-methods: setup fetch build ## Compare every method's accuracy with peft's, and choose hyper-parameters
	Scripts/oracle/make-environments all
	python3 Benchmarks/Peers/compare_methods.py
	python3 Benchmarks/Peers/compare_methods.py search

format: ## Lay out the Swift sources
	$(SWIFT_FILES) swift format --in-place

lint: ## Check the layout of the Swift sources
	$(SWIFT_FILES) swift format lint --strict

using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Data.Text;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>
/// The options that a run's result depends on. Each is what the user gives, else what the run has that is gone on with, else what
/// the model's recipe has.
/// </summary>
internal sealed class TrainSettings
{
    private const string DefaultDataset = "cifar10", OfRecipe = "the recipe's",
        OfImagesAndSentences = "cross-entropy; of sentences simcse";

    private readonly Option<string?> model = SharedOptions.ModelOrEncoder();
    private readonly Option<string?> dataset = SharedOptions.DatasetOrOwn(DefaultDataset);
    private readonly Option<int?> imageSize = CommandOption.Create(
        "--image-size", "N",
        "The height and width of a folder's pictures: the shorter side is brought to it, and the middle cut out",
        $"{ImageFolder.UsualImageSize}", CommandOption.WholeNumber(1, 4096));

    private readonly Option<string?> target = CommandOption.Create<string>(
        "--target", "COLUMN",
        "The column of a table to predict from all others: classes, or with --objective mean-square-error a number", "none",
        text => text);

    private readonly Option<double?> validation = CommandOption.Create<double?>(
        "--validation", "P",
        "The part of the training set, the same in every run, that is evaluated after each epoch in the test set's place; "
            + "evaluate then tests",
        "none", text => CommandOption.PositiveNumber(text) is < 1 and var part
            ? part
            : throw new DropoutLabException($"'{text}' is not a number in (0, 1)"));

    private readonly Option<DropoutRule?> dropout = SharedOptions.Dropout();
    private readonly Option<SiteSelection?> dropoutAt = SharedOptions.DropoutSites(OfRecipe);
    private readonly Option<MaskSharing?> maskSharing = SharedOptions.MaskSharing();
    private readonly Option<string?> recipe = CommandOption.Create<string>(
        "--recipe", string.Join('|', TrainingRecipe.Names),
        "How the model is trained, where no option says otherwise; poster: as by its authors, quick: a short training, which not "
            + "every model has",
        TrainingRecipe.Poster, ReadRecipe);

    private readonly Option<int?> epochs = CommandOption.Create(
        "--epochs", "N", "Passes over the training set", OfRecipe, CommandOption.WholeNumber(1, 1_000_000));

    private readonly Option<int?> batchSize = SharedOptions.BatchSize(OfRecipe);

    private readonly Option<double?> learningRate = CommandOption.Create(
        "--learning-rate", "X", "The largest of the run; how it changes over the steps is the recipe's", OfRecipe,
        CommandOption.PositiveNumber);

    private readonly Option<Objective?> objective = CommandOption.Create<Objective>(
        "--objective", string.Join('|', RunConfiguration.Objectives.Select(objective => objective.Name)),
        "What is minimised, of labels, of numbers to predict or of sentences", OfImagesAndSentences,
        RunConfiguration.FindObjective);

    private readonly Option<double?> labelSmoothing = CommandOption.Create<double?>(
        "--label-smoothing", "S",
        "The part of a label that cross-entropy spreads over all classes, from 0 up to, but not including, 1", "0",
        text => CommandOption.FromZero(text) is < 1 and var part
            ? part
            : throw new DropoutLabException($"'{text}' is not a number in [0, 1)"));

    private readonly Option<Optimizer?> optimizer = CommandOption.Create<Optimizer>(
        "--optimizer", string.Join('|', RunConfiguration.Optimizers.Select(optimizer => optimizer.Name)),
        "How weights follow their gradients; adamw begins with its own rate and weight decay", OfRecipe,
        RunConfiguration.FindOptimizer);

    private readonly Option<double?> weightDecay = CommandOption.Create<double?>(
        "--weight-decay", "X", "What weights are drawn towards 0 with", OfRecipe, text => CommandOption.FromZero(text));

    private readonly Option<double?> gradientNorm = CommandOption.Create(
        "--gradient-norm", "X", "The largest norm that all gradients together may have: larger ones are made shorter", "none",
        CommandOption.PositiveNumber);

    private readonly Option<Augmentation?> augment = CommandOption.Create<Augmentation?>(
        "--augment", string.Join('|', Augmentation.Names),
        "What is drawn anew for an image each time it is trained on; crop: a window of its size from the image with "
            + $"{Augmentation.Padding} pixels around, "
            + "flip: the image or its mirror image",
        OfRecipe, text => Augmentation.Parse(text));

    private readonly Option<BatchStatistics?> batchStatistics = CommandOption.Create<BatchStatistics?>(
        "--batch-statistics", "global|local",
        "What batch normalisation is over where mpirun starts several processes; global: the whole minibatch, local: each "
            + "process's part",
        "global", text => TrainingOptions.ParseStatistics(text));

    private readonly Option<ulong?> seed = SharedOptions.Seed(
        "What initial weights, the order of the data, the masks and the augmentation derive from");

    private readonly Option<string?> from = CommandOption.Create<string>(
        "--from", "FILE",
        "Begin with the weights of a safetensors file, PyTorch's or a checkpoint, where names and shapes fit", "none",
        CommandOption.Path);

    public TrainSettings(Command command)
    {
        foreach (Option option in new Option[]
        {
            model, dataset, imageSize, target, validation, recipe, dropout, dropoutAt, maskSharing, epochs, batchSize,
            learningRate, objective, labelSmoothing, optimizer, weightDecay, gradientNorm, augment, batchStatistics, seed, from,
        })
            command.Add(option);
    }

    /// <summary>Where a run with these settings goes if the user does not say.</summary>
    public string DefaultFolder(ParseResult parse)
    {
        string rule = (parse.GetValue(dropout) ?? DropoutRule.None).ToString().Replace(':', '-').Replace('/', '-');
        string data = DataChoice.ShortName(DatasetOf(parse, null));
        return Path.Combine("runs", $"{ModelOf(parse, null)}-{data}-{rule}-s{SeedOf(parse, null)}");
    }

    /// <summary>The whole configuration.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="saved">The run to go on with, if there is one.</param>
    /// <param name="compute">What computes.</param>
    public RunConfiguration Configure(ParseResult parse, RunConfiguration? saved, Compute compute)
    {
        TrainingRecipe chosen = ModelRecipe.Find(ModelOf(parse, saved))
            .Recipe(parse.GetValue(recipe) ?? saved?.Recipe ?? TrainingRecipe.Poster);
        DataChoice data = new(
            DatasetOf(parse, saved), parse.GetValue(imageSize) ?? saved?.ImageSize, parse.GetValue(target) ?? saved?.Target,
            IsClass: ObjectiveOf(parse, saved) is not MeanSquareError);
        double? heldOut = parse.GetValue(validation) ?? saved?.Validation;
        TrainingRecipe fitting = chosen.For(
            data.Describe().Without(heldOut, data.Dataset), parse.GetValue(batchSize) ?? saved?.BatchSize);
        TrainingOptions defaults = fitting.Options;
        Optimizer optimizer = OptimizerOf(parse, saved, defaults);
        DropoutSettings asked = DropoutOf(parse, saved, defaults);
        return new RunConfiguration
        {
            Model = ModelOf(parse, saved),
            Dataset = data.Dataset,
            ImageSize = data.ImageSize,
            Target = data.Target,
            Validation = heldOut,
            Recipe = chosen.Name,
            Dropout = asked.Rule,
            DropoutAt = asked.Sites,
            MaskSharing = asked.Sharing,
            Epochs = parse.GetValue(epochs) ?? saved?.Epochs ?? defaults.Epochs,
            BatchSize = defaults.BatchSize,
            LearningRate = parse.GetValue(learningRate) ?? saved?.LearningRate
                ?? (optimizer is AdamW ? AdamW.UsualLearningRate : defaults.LearningRate),
            Objective = ObjectiveOf(parse, saved),
            Optimizer = optimizer,
            Augmentation = parse.GetValue(augment) ?? saved?.Augmentation ?? fitting.Augmentation,
            BatchStatistics = parse.GetValue(batchStatistics) ?? saved?.BatchStatistics ?? BatchStatistics.Global,
            Seed = SeedOf(parse, saved),
            From = parse.GetValue(from) is { } file ? WeightFile.Of(file) : saved?.From,
            Precision = compute.Precision,
            Backend = compute.Backend.Name,
            Threads = compute.Threads,
            Environment = RunEnvironment.Describe(compute.Backend),
        };
    }

    /// <summary>The configuration of a run on sentences: SimCSE's protocol where nothing else is asked for.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="saved">The run to go on with, if there is one.</param>
    /// <param name="compute">What computes.</param>
    /// <param name="asked">What the options of sentences say, with the steps of a pass.</param>
    /// <param name="stepsOf">The steps of a pass in batches of so many.</param>
    public RunConfiguration ConfigureSentences(
        ParseResult parse, RunConfiguration? saved, Compute compute, SentenceSettings asked, Func<int, int> stepsOf)
    {
        Objective named = SentenceOptions.Require(parse.GetValue(objective) ?? saved?.Objective ?? new SimCse());
        TrainingOptions defaults = new()
        {
            Dropout = new DropoutSettings(DropoutRule.None, Bert.OwnSites, MaskSharing.PerDatum),
            BatchSize = SentenceOptions.UsualBatch,
            Optimizer = new AdamW(),
            LearningRate = named is SimCse ? 3e-5 : 5e-4,
        };
        DropoutSettings dropped = DropoutOf(parse, saved, defaults);
        int batch = parse.GetValue(batchSize) ?? saved?.BatchSize ?? defaults.BatchSize;
        int steps = asked.Steps > 0 ? asked.Steps : checked((parse.GetValue(epochs) ?? 1) * stepsOf(batch));
        int period = asked.EvaluateEvery > 0 ? asked.EvaluateEvery : Math.Max(1, steps / 10);
        int periods = (steps + period - 1) / period;
        return new RunConfiguration
        {
            Model = ModelOf(parse, saved),
            Dataset = Path.GetFileName(asked.File),
            Dropout = dropped.Rule,
            DropoutAt = dropped.Sites,
            MaskSharing = dropped.Sharing,
            Epochs = periods,
            BatchSize = batch,
            LearningRate = parse.GetValue(learningRate) ?? saved?.LearningRate ?? defaults.LearningRate,
            Objective = named,
            Optimizer = OptimizerOf(parse, saved, defaults),
            Seed = SeedOf(parse, saved),
            Precision = compute.Precision,
            Backend = compute.Backend.Name,
            Threads = compute.Threads,
            Sentences = asked with { Steps = periods * period, EvaluateEvery = period },
            Environment = RunEnvironment.Describe(compute.Backend),
        };
    }

    /// <summary>Those of the options that mean nothing to a training of sentences.</summary>
    public IReadOnlyList<Option> OfImages =>
        [dataset, imageSize, target, validation, recipe, augment, labelSmoothing, batchStatistics, from];

    /// <summary>Which network is asked for.</summary>
    public string ModelOf(ParseResult parse, RunConfiguration? saved) =>
        parse.GetValue(model) ?? saved?.Model ?? SharedOptions.DefaultModel;

    /// <summary>
    /// Where nothing is dropped, sites and sharing mean nothing: plain runs that differ in no more are the same run.
    /// </summary>
    private DropoutSettings DropoutOf(ParseResult parse, RunConfiguration? saved, TrainingOptions defaults)
    {
        DropoutSettings begun = saved?.ToDropout() ?? DropoutSettings.None;
        DropoutSettings asked = new(
            parse.GetValue(dropout) ?? begun.Rule, parse.GetValue(dropoutAt) ?? (saved is null ? defaults.Dropout : begun).Sites,
            parse.GetValue(maskSharing) ?? begun.Sharing);
        if (asked.HasRatiosOfSites && saved is null && parse.GetValue(dropout) is null)
            throw new DropoutLabException(
                $"{asked.Sites}: a site's drop probability needs a rule: add --dropout, as in --dropout standard:0.5",
                SettingName.DropoutAt, asked.Sites);
        return asked.IsPlain ? begun with { Rule = asked.Rule } : asked;
    }

    private Objective ObjectiveOf(ParseResult parse, RunConfiguration? saved)
    {
        Objective named = parse.GetValue(objective) ?? saved?.Objective ?? new CrossEntropy();
        if (named is SimCse or MaskedTokens)
            throw new DropoutLabException(
                $"{named.Name} is of sentences: give a file of them", SettingName.Objective, named.Name);
        if (named is not CrossEntropy && parse.GetValue(labelSmoothing) is { } smoothing)
            throw new DropoutLabException(
                $"labels are smoothed under cross-entropy; {named.Name} has none", SettingName.LabelSmoothing, smoothing);
        return named is CrossEntropy ? new CrossEntropy(parse.GetValue(labelSmoothing) ?? saved?.LabelSmoothing ?? 0) : named;
    }

    /// <summary>The recipe's where it is of the name that is asked for; else that optimiser's own defaults.</summary>
    private Optimizer OptimizerOf(ParseResult parse, RunConfiguration? saved, TrainingOptions defaults)
    {
        Optimizer own = saved?.Optimizer ?? defaults.Optimizer;
        Optimizer named = parse.GetValue(optimizer) is { } asked && asked.Name != own.Name ? asked : own;
        return named with
        {
            WeightDecay = parse.GetValue(weightDecay) ?? named.WeightDecay,
            MaximumGradientNorm = parse.GetValue(gradientNorm) ?? named.MaximumGradientNorm,
        };
    }

    private string DatasetOf(ParseResult parse, RunConfiguration? saved) =>
        parse.GetValue(dataset) ?? saved?.Dataset ?? DefaultDataset;

    private ulong SeedOf(ParseResult parse, RunConfiguration? saved) =>
        parse.GetValue(seed) ?? saved?.Seed ?? SharedOptions.DefaultSeed;

    private static string ReadRecipe(string text) => TrainingRecipe.Names.Contains(text)
        ? text
        : throw new DropoutLabException($"there is no recipe '{text}': choose {string.Join(" or ", TrainingRecipe.Names)}");
}

using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>
/// The options that a run's result depends on. Each is what the user gives, else what the run has that is gone on with, else what the
/// model's recipe has.
/// </summary>
internal sealed class TrainSettings
{
    private const string DefaultDataset = "cifar10", OfRecipe = "the recipe's";

    private readonly Option<string?> model = SharedOptions.Model();
    private readonly Option<string?> dataset = SharedOptions.Dataset("The images", DefaultDataset);
    private readonly Option<DropoutRule?> dropout = SharedOptions.Dropout();
    private readonly Option<string?> dropoutAt = SharedOptions.DropoutSites(OfRecipe);
    private readonly Option<MaskSharing?> maskSharing = SharedOptions.MaskSharing();
    private readonly Option<string?> recipe = CommandOption.Create<string>(
        "--recipe", string.Join('|', TrainingRecipe.Names),
        "How the model is trained, where no option says otherwise; poster: as by its authors, quick: a short training, which not every model has",
        TrainingRecipe.Poster, ReadRecipe);

    private readonly Option<int?> epochs = CommandOption.Create(
        "--epochs", "N", "Passes over the training set", OfRecipe, CommandOption.WholeNumber(1, 1_000_000));

    private readonly Option<int?> batchSize = SharedOptions.BatchSize(OfRecipe);

    private readonly Option<double?> learningRate = CommandOption.Create(
        "--learning-rate", "X", "The largest of the run; how it changes over the steps is the recipe's", OfRecipe, CommandOption.PositiveNumber);

    private readonly Option<Augmentation?> augment = CommandOption.Create<Augmentation?>(
        "--augment", string.Join('|', Augmentation.Names),
        $"What is drawn anew for an image each time it is trained on; crop: a window of its size from the image with {Augmentation.Padding} pixels around, "
            + "flip: the image or its mirror image",
        OfRecipe, text => Augmentation.Parse(text));

    private readonly Option<ulong?> seed = SharedOptions.Seed("What initial weights, the order of the data, the masks and the augmentation derive from");

    public TrainSettings(Command command)
    {
        foreach (Option option in new Option[] { model, dataset, recipe, dropout, dropoutAt, maskSharing, epochs, batchSize, learningRate, augment, seed })
            command.Add(option);
    }

    /// <summary>Where a run with these settings goes if the user does not say.</summary>
    public string DefaultFolder(ParseResult parse)
    {
        string rule = (parse.GetValue(dropout) ?? DropoutRule.None).ToString().Replace(':', '-').Replace('/', '-');
        return Path.Combine("runs", $"{ModelOf(parse, null)}-{DatasetOf(parse, null)}-{rule}-s{SeedOf(parse, null)}");
    }

    /// <summary>The whole configuration.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="saved">The run to go on with, if there is one.</param>
    /// <param name="compute">What computes.</param>
    public RunConfiguration Configure(ParseResult parse, RunConfiguration? saved, Compute compute)
    {
        TrainingRecipe chosen = ModelRecipe.Find(ModelOf(parse, saved)).Recipe(parse.GetValue(recipe) ?? saved?.Recipe ?? TrainingRecipe.Poster);
        TrainingOptions defaults = chosen.For(DatasetCatalog.Find(DatasetOf(parse, saved)), parse.GetValue(batchSize) ?? saved?.BatchSize);
        string rule = parse.GetValue(dropout)?.ToString() ?? saved?.Dropout ?? DropoutRule.None.ToString();
        string sites = parse.GetValue(dropoutAt) ?? saved?.DropoutAt ?? defaults.Dropout.SitesText;
        // Where nothing is dropped, sites and sharing mean nothing: plain runs that differ in no more are the same run.
        DropoutSettings asked = new(DropoutRule.Parse(rule), DropoutSettings.ParseSites(sites), MaskSharing.PerDatum);
        if (asked.HasRatiosOfSites && saved is null && parse.GetValue(dropout) is null)
            throw new DropoutLabException($"--dropout-at {sites}: a site's drop probability needs a rule: add --dropout, as in --dropout standard:0.5");
        bool isPlain = asked.IsPlain;
        return new RunConfiguration
        {
            Model = ModelOf(parse, saved),
            Dataset = DatasetOf(parse, saved),
            Recipe = chosen.Name,
            Dropout = rule,
            DropoutAt = isPlain ? saved?.DropoutAt ?? SharedOptions.DefaultSites : sites,
            MaskSharing = (isPlain ? null : parse.GetValue(maskSharing)?.ToString()) ?? saved?.MaskSharing ?? MaskSharing.PerDatum.ToString(),
            Epochs = parse.GetValue(epochs) ?? saved?.Epochs ?? defaults.Epochs,
            BatchSize = defaults.BatchSize,
            LearningRate = parse.GetValue(learningRate) ?? saved?.LearningRate ?? defaults.LearningRate,
            Momentum = saved?.Momentum ?? defaults.Momentum,
            WeightDecay = saved?.WeightDecay ?? defaults.WeightDecay,
            Augmentation = parse.GetValue(augment)?.ToString() ?? saved?.Augmentation ?? defaults.Augmentation.ToString(),
            Seed = SeedOf(parse, saved),
            Precision = compute.Precision.ShortName(),
            Backend = compute.Backend.Name,
            Threads = compute.Threads,
            Environment = RunEnvironment.Describe(compute.Backend),
        };
    }

    private string ModelOf(ParseResult parse, RunConfiguration? saved) => parse.GetValue(model) ?? saved?.Model ?? SharedOptions.DefaultModel;

    private string DatasetOf(ParseResult parse, RunConfiguration? saved) => parse.GetValue(dataset) ?? saved?.Dataset ?? DefaultDataset;

    private ulong SeedOf(ParseResult parse, RunConfiguration? saved) => parse.GetValue(seed) ?? saved?.Seed ?? SharedOptions.DefaultSeed;

    private static string ReadRecipe(string text) => TrainingRecipe.Names.Contains(text)
        ? text
        : throw new DropoutLabException($"there is no recipe '{text}': choose {string.Join(" or ", TrainingRecipe.Names)}");
}

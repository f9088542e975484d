using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DropoutLab.Backends;
using DropoutLab.Cli.Commands;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Tests.Documentation;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

/// <summary>
/// An error of a run's settings says which is at fault, by the names of the library: options are the command's.
/// </summary>
public sealed partial class SettingTests : IDisposable
{
    private static readonly DropoutSettings Dropped = new(DropoutRule.Standard(0.3));

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, Action> Faults => new()
    {
        { "dropout", "maybe", () => DropoutRule.Parse("maybe") },
        { "dropout", "standard:1.5", () => DropoutRule.Parse("standard:1.5") },
        { "dropout", "standard:0..0.3@0", () => DropoutRule.Parse("standard:0..0.3@0") },
        { "dropout_at", "fc1=1", () => SiteSelection.Parse("fc1=1") },
        { "dropout_at", "", () => SiteSelection.Parse("") },
        { "dropout_at", "conv2,fc9", () => Check(Dropped with { Sites = ["conv2", "fc9"] }) },
        { "dropout_at", "fc1=0.5", () => Check(DropoutSettings.None with { Sites = ["fc1=0.5"] }) },
        { "mask_sharing", "nobody", () => MaskSharing.Parse("nobody") },
        { "mask_sharing", "shape:*,1", () => Check(Dropped with { Sharing = MaskSharing.Shape(null, 1) }) },
        { "model", "resnet21", () => ModelRecipe.Find("resnet21") },
        { "model", "vgg", () => ModelRecipe.Find("vgg") },
        { "dataset", "mnist", () => DatasetCatalog.Find("mnist") },
        { "recipe", "quick", () => ModelRecipe.Find("mlp").Recipe("quick") },
        { "epochs", "0", () => new TrainingOptions { Epochs = 0 }.Validate() },
        { "batch_size", "0", () => new TrainingOptions { BatchSize = 0 }.Validate() },
        { "learning_rate", "-0.5", () => new TrainingOptions { LearningRate = -0.5 }.Validate() },
        { "momentum", "1", () => new Sgd(momentum: 1).Validate() },
        { "weight_decay", "-1", () => new AdamW(weightDecay: -1).Validate() },
        { "maximum_gradient_norm", "0", () => new Sgd { MaximumGradientNorm = 0 }.Validate() },
        { "objective", "hinge", () => RunConfiguration.FindObjective("hinge") },
        { "optimizer", "lion", () => RunConfiguration.FindOptimizer("lion") },
        { "augmentation", "blur", () => Augmentation.Parse("blur") },
        { "augmentation", "crop", () => new Augmentation(Crop: true, Flip: false).RequireFit(new ImageShape(4, 4, 1)) },
        { "precision", "f16", () => Precisions.Parse("f16") },
        { "backend", "cuda", () => BackendCatalog.Create("cuda", 1, out _) },
        { "threads", "0", () => BackendCatalog.Create("reference", 0, out _) },
    };

    private static void Check(DropoutSettings dropout) => ConvNetQuick.Create(new ImageShape(32, 32, 3), 10).Build(2, dropout);

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void TheErrorNamesSettingAndValue(string setting, string value, Action wrong)
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(wrong);

        Assert.Equal((setting, value), (error.Setting, error.Value));
    }

    [Fact]
    public void SettingsAreNamedAsInTheFile()
    {
        RunConfiguration all = MadeUpSweep.Configuration("none") with
        {
            ImageSize = 8,
            Target = "price",
            Validation = 0.1,
            BatchStatistics = BatchStatistics.Local,
            From = new WeightFile("weights.safetensors", "0"),
        };
        all.Write(folder.Root);
        JsonObject file = JsonNode.Parse(File.ReadAllText(folder[RunConfiguration.FileName]))!.AsObject();

        Assert.Equal(file.Select(entry => entry.Key).Except(["environment"]).Order(), Names().Order());
    }

    [Fact]
    public void EverySettingHasAnOptionButOne()
    {
        using TrainRunSettings settings = new();

        Assert.Equal([SettingName.Momentum], Names().Where(name => !settings.Options.Contains(settings.OptionOf(name))));
        Assert.Equal(settings.Options.Count, Names().Count() - 1);
    }

    /// <summary>Of the command, that is: sbatch and squeue are asked by theirs.</summary>
    [Fact]
    public void TheLibraryKnowsNoOptions()
    {
        SourceTree.Require();
        IEnumerable<string> lines = SourceTree.Files(Path.Combine("src", "DropoutLab"), "*.cs")
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) != "Slurm").SelectMany(File.ReadLines);

        Assert.Equal([], lines.Where(line => Option().IsMatch(line)));
    }

    private static IEnumerable<string> Names() =>
        typeof(SettingName).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);

    /// <summary>In a text: two dashes before a variable subtract one from it.</summary>
    [GeneratedRegex("\".*--[a-z]")]
    private static partial Regex Option();
}

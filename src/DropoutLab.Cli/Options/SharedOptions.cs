using System.CommandLine;
using DropoutLab.Training;

namespace DropoutLab.Cli.Options;

/// <summary>Options that mean the same in several commands.</summary>
internal static class SharedOptions
{
    public const string DefaultModel = "convnet-quick";

    public const ulong DefaultSeed = 1;

    public static Option<string?> Model() => CommandOption.Create<string>(
        "--model", string.Join('|', ModelRecipe.All.Select(recipe => recipe.Name)), "The network", DefaultModel, text => ModelRecipe.Find(text).Name);

    public static Option<string?> DataDirectory() => CommandOption.Create<string>(
        "--data-dir", "DIR", "Where data sets lie, and where they are downloaded to",
        $"${DropoutLab.Data.DataDirectory.EnvironmentVariable}, else the user's cache", CommandOption.Path);

    public static Option<int?> BatchSize(string standard) => CommandOption.Create(
        "--batch-size", "N", "Images of a training step", standard, CommandOption.WholeNumber(1, 65_536));

    public static Option<ulong?> Seed() => CommandOption.Create(
        "--seed", "N", "What initial weights, the order of the data and the masks derive from", $"{DefaultSeed}", CommandOption.Seed);
}

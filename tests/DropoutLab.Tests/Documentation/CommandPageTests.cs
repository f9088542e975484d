using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using DropoutLab.Data.Images;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Experiments;
using DropoutLab.Training;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// docs/command.md says what the command's own help says, and knows every name that the program reads or writes.
/// </summary>
public sealed partial class CommandPageTests
{
    private static string Page => SourceTree.Read("docs", "command.md");

    [Fact]
    public void EveryOptionOfEveryCommandIsThereWithItsDefaultAndNoOther()
    {
        SourceTree.Require();
        string[] commands = [.. CommandsBelow([])];
        Assert.Contains("train", commands);
        Assert.Contains("data fetch", commands);

        foreach (string command in commands)
        {
            Dictionary<string, string> options = Options(Help(command.Split(' ')));
            string section = MarkdownPage.Section(Page, $"dropoutlab {command}");
            Dictionary<string, string> rows = OptionRow().Matches(section)
                .ToDictionary(match => match.Groups[1].Value, match => match.Value);
            Assert.Equal(options.Keys.Order(), rows.Keys.Order());
            foreach ((string option, string standard) in options)
                Assert.True(
                    rows[option].EndsWith($"| {standard} |", StringComparison.Ordinal), $"{command} {option}: {standard}");
        }
    }

    [Fact]
    public void EveryFileAndFieldOfARunIsThere()
    {
        SourceTree.Require();
        string[] files = [RunConfiguration.FileName, MetricsFile.FileName, Checkpoint.FileName];
        JsonElement line = JsonDocument.Parse(MetricsFile.Line(MadeUpEpoch.Of(1, 2, 2, 0.5, 100, 0.001, 3))).RootElement;
        IEnumerable<string> settings = typeof(RunConfiguration).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));

        Assert.All([.. files, .. line.EnumerateObject().Select(field => field.Name), .. settings], AssertIsNamed);
    }

    [Fact]
    public void EveryRecipeIsThereAsItIs()
    {
        SourceTree.Require();
        foreach (ModelRecipe model in ModelRecipe.All)
        {
            foreach (TrainingRecipe recipe in model.Recipes)
                AssertIsStated(model.Name, recipe);
        }
    }

    [Fact]
    public void EveryEnvironmentVariableIsThere()
    {
        SourceTree.Require();
        string[] sources = [.. SourceTree.Files("src", "*.cs"), .. SourceTree.Files("scripts", "*.sh"),
            SourceTree.PathOf("dropoutlab"), SourceTree.PathOf("test")];
        string[] variables =
            [.. sources.SelectMany(file => Variable().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct()];

        Assert.Contains("DROPOUTLAB_DATA", variables);
        Assert.All(variables, AssertIsNamed);
    }

    private static void AssertIsStated(string model, TrainingRecipe recipe)
    {
        TrainingOptions options = recipe.Options;
        string row = Page.Split('\n')
            .SingleOrDefault(line => line.StartsWith($"| `{model}` | `{recipe.Name}` |", StringComparison.Ordinal), "");
        Assert.True(row.Length > 0, $"{model} {recipe.Name} has no row");
        string[] cells = row.Trim('|').Split('|', StringSplitOptions.TrimEntries);

        Assert.Equal(recipe.Steps is { } steps ? $"{steps:n0} steps" : $"{options.Epochs} epochs", cells[2]);
        Assert.Equal($"{options.BatchSize}", cells[3]);
        Assert.Equal($"{options.LearningRate}", cells[4].Split(',')[0]);
        Assert.Equal(($"{((Sgd)options.Optimizer).Momentum}", $"{options.Optimizer.WeightDecay}"), (cells[5], cells[6]));
        Assert.Equal(recipe.PixelScaling == PixelScaling.MeanImage ? "less the mean image" : "per channel", cells[7]);
        Assert.Equal($"{recipe.Augmentation}", cells[8]);
    }

    private static void AssertIsNamed(string name) => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal);

    private static string Help(params IReadOnlyList<string> command) => CommandRun.Succeed([.. command, "--help"]).Output;

    /// <summary>The commands that do something themselves, as in "data fetch".</summary>
    private static IEnumerable<string> CommandsBelow(string[] parent)
    {
        string[] parts = Help(parent).Split("Commands:\n");
        if (parts.Length == 1)
            return [string.Join(' ', parent)];
        return CommandName().Matches(parts[1]).SelectMany(match => CommandsBelow([.. parent, match.Groups[1].Value]));
    }

    /// <summary>Names and defaults; "off" for what has none, as a flag. The help's own option is every command's.</summary>
    private static Dictionary<string, string> Options(string help)
    {
        string[] entries = help[help.IndexOf("Options:", StringComparison.Ordinal)..].Split("\n  -").Skip(1).ToArray();
        return entries.Where(entry => entry.StartsWith('-')).Select(entry => Space().Replace(entry, " ")).ToDictionary(
            entry => $"-{entry.Split(' ')[0]}",
            entry => Default().Match(entry) is { Success: true } match ? match.Groups[1].Value : "off");
    }

    [GeneratedRegex(@"^\| `(--[a-z-]+).*$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^  ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    [GeneratedRegex(@"\[default: (.*)\]")]
    private static partial Regex Default();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("DROPOUTLAB_[A-Z_]+")]
    private static partial Regex Variable();
}

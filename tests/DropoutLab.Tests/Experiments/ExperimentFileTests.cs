using DropoutLab.Cli.Commands;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Tests.Documentation;

namespace DropoutLab.Tests.Experiments;

/// <summary>The sweep files of the repository say what their names promise.</summary>
public sealed class ExperimentFileTests
{
    [Theory]
    [InlineData("table1.yaml", 19, 5)]
    [InlineData("figure1.yaml", 10, 5)]
    [InlineData("table2.yaml", 18, 3)]
    [InlineData("placement.yaml", 25, 3)]
    [InlineData("resnet-placement.yaml", 4, 1)]
    [InlineData("quick.yaml", 7, 3)]
    public void CellsAndSeeds(string file, int cells, int seeds)
    {
        SourceTree.Require();
        SweepPlan plan = PlanOf(file);

        Assert.Equal((cells, seeds), (plan.Cells.Count, plan.Seeds.Count));
        Assert.Equal(Path.GetFileNameWithoutExtension(file), plan.Name);
    }

    [Fact]
    public void ThePosterHasAFigureForEveryCellOfTable1()
    {
        SourceTree.Require();
        SweepPlan plan = PlanOf("table1.yaml");

        Assert.All(plan.Cells, cell => Assert.True(PosterTable1.IsAbout(cell.Configuration.Model, cell.Configuration.Dataset)));
        Assert.All(plan.Cells, cell => Assert.NotNull(PosterTable1.Of(cell.Rule)));
    }

    [Fact]
    public void ThePosterHasAFigureForEveryCellOfTable2()
    {
        SourceTree.Require();
        SweepPlan plan = PlanOf("table2.yaml");

        Assert.All(plan.Cells, cell => Assert.True(PosterTable2.IsAbout(cell.Configuration.Model, cell.Configuration.Dataset)));
        Assert.All(plan.Cells, cell => Assert.NotNull(PosterTable2.Of(cell.Configuration.Dataset, cell.Rule)));
        RunConfiguration[] configurations = [.. plan.Cells.Select(cell => cell.Configuration)];
        Assert.All(
            configurations,
            cell => Assert.Equal((TrainingRecipe.Quick, 30, "fc"), (cell.Recipe, cell.Epochs, $"{cell.DropoutAt}")));
        Assert.All(configurations, cell => Assert.Equal(cell.Dataset == "svhn" ? "crop" : "crop+flip", $"{cell.Augmentation}"));
        Assert.Equal("augmented-0.1-0.0002-svhn", plan.Cells[3].Name);
    }

    private static SweepPlan PlanOf(string file)
    {
        List<SweepMistake> mistakes = [];
        using TrainRunSettings settings = new();
        SweepPlan plan = SweepPlan.Make(
            SweepFile.Read(SourceTree.PathOf("experiments", file), mistakes), settings, mistakes,
            new Dictionary<string, string> { ["threads"] = "1" });
        Assert.Empty(mistakes);
        return plan;
    }
}

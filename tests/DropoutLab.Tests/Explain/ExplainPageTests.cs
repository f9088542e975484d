using System.Text.RegularExpressions;
using System.Xml.Linq;
using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dashboard.Explain;
using DropoutLab.Dropout;
using DropoutLab.Explanations;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Explain;

/// <summary>The page shows an audit's numbers, all their digits, and is whole by itself.</summary>
public sealed partial class ExplainPageTests
{
    [Theory]
    [InlineData(1, 3, "standard:0.5")]
    [InlineData(7, 8, "forward:0.3")]
    [InlineData(8, 1, "augmented-independent:0.5/0.4")]
    public async Task NumbersAreThoseOfAnAuditWithTheSameSeed(ulong seed, int batchSize, string rule)
    {
        Explanation explanation = ExplanationTests.Compute(seed, batchSize, rule);
        Dictionary<string, double[]> page = PageNumbers.Read(await ExplainDocument.RenderPageAsync(explanation));
        bool sameMask = rule.StartsWith("standard", StringComparison.Ordinal);

        foreach ((string step, MaskSharing sharing) in (ReadOnlySpan<(string, MaskSharing)>)
                 [("per-datum", MaskSharing.PerDatum), ("per-minibatch", MaskSharing.PerMinibatch)])
        {
            LayerAudit audit = Audit(
                explanation, page["minibatch.input"], page["minibatch.weight"], DropoutRule.Parse(rule), sharing);
            Assert.Equal(audit.ForwardFactor.Values, page[$"{step}.forward_factor"]);
            if (!sameMask)
                Assert.Equal(audit.BackwardFactor.Values, page[$"{step}.backward_factor"]);
            Assert.Equal(audit.WeightGradient.Values, page[$"{step}.grad_weight"]);
        }

        LayerAudit plain = Audit(
            explanation, page["minibatch.input"], page["minibatch.weight"], DropoutRule.None, MaskSharing.PerDatum);
        Assert.Equal(plain.WeightGradient.Values, page["minibatch.grad_weight"]);
        Assert.Equal(plain.OutputGradient.Values, page["minibatch.grad_output"]);
        Assert.Equal(explanation.Thinned.LargestDifference, Assert.Single(page["thinned.largest-difference"]));
        Assert.Equal(explanation.Thinned.Difference.Values, page["per-datum.thinned.difference"]);
    }

    [Fact]
    public async Task EveryRuleShowsItsThreeViews()
    {
        Explanation explanation = ExplanationTests.Compute(1, 3, "standard:0.5");
        Dictionary<string, double[]> page = PageNumbers.Read(await ExplainDocument.RenderPageAsync(explanation));

        foreach (RuleStep step in explanation.Rules)
        {
            string name = $"rules.{step.Rule.Kind.ToString().ToLowerInvariant()}";
            Assert.Equal(step.Layer.ForwardView.Values, page[$"{name}.forward_view"]);
            Assert.Equal(step.Layer.BackwardView.Values, page[$"{name}.backward_view"]);
            Assert.Equal(step.Layer.Audit.BackwardFactor.Values, page[$"{name}.backward_factor"]);
            Assert.Equal(step.Layer.ErrorBehindMaskLayer, Assert.Single(page[$"{name}.mask-layer-error"]));
        }
    }

    [Theory]
    [InlineData(1, 3, "standard:0.5")]
    [InlineData(2, 8, "augmented:0.99/0.99")]
    public async Task ThePageLoadsNothing(ulong seed, int batchSize, string rule)
    {
        string page = await ExplainDocument.RenderPageAsync(ExplanationTests.Compute(seed, batchSize, rule));

        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.All((string[])["src=", "fetch(", "import(", "@import", "http:", "https:"],
            text => Assert.DoesNotContain(text, page, StringComparison.Ordinal));
        Assert.All(Address().Matches(page),
            match => Assert.True(match.Groups[1].Value is "data:," || match.Groups[1].Value.StartsWith('#'), match.Value));
    }

    [Fact]
    public async Task WithoutItsScriptThePageHasNothingToChange()
    {
        string page = await ExplainDocument.RenderPageAsync(ExplanationTests.Compute(1, 3, "standard:0.5"));

        Assert.Matches("""<div id="controls"[^>]* hidden>""", page);
        Assert.DoesNotMatch("""class="answers-only[^>]*(?<!hidden)>""", page);
        Assert.Equal(2, page.Split("<script").Length - 1);
    }

    [Fact]
    public async Task WhatIsDroppedIsMarkedByMoreThanColour()
    {
        Explanation explanation = ExplanationTests.Compute(1, 3, "standard:0.5");
        XElement picture = XElement.Parse((await ExplainDocument.RenderPicturesAsync(explanation))["3-masks.svg"]);

        foreach (string array in (string[])["per-datum.forward_factor", "per-datum.forward_view"])
        {
            XElement matrix = picture.Descendants().Single(element => (string?)element.Attribute("data-array") == array);
            int zeros = explanation.MaskPerDatum.Audit.ForwardFactor.Values.Count(factor => factor == 0);
            Assert.Equal(zeros, Count(matrix, "hatch"));
            Assert.Equal(zeros, Count(matrix, "cross"));
            Assert.Equal(zeros, matrix.Descendants().Count(element => Class(element) == "number zero" && element.Value == "0"));
        }
    }

    [Fact]
    public async Task EveryPictureIsAFileWithATitle()
    {
        IReadOnlyDictionary<string, string> files = await ExplainDocument.RenderPicturesAsync(
            ExplanationTests.Compute(1, 3, "forward:0.5"));

        Assert.Equal(14, files.Count);
        foreach (XElement picture in files.Values.Select(XElement.Parse))
        {
            Assert.Equal(XName.Get("svg", "http://www.w3.org/2000/svg"), picture.Name);
            Assert.All(picture.DescendantsAndSelf().Where(element => (string?)element.Attribute("role") == "img"), element =>
                Assert.NotEqual("", element.Elements().First(child => child.Name.LocalName == "title").Value));
        }
    }

    private static LayerAudit Audit(
        Explanation explanation, double[] images, double[] weight, DropoutRule rule, MaskSharing sharing)
    {
        Network network = new(
            "fc", new ImageShape(1, 1, 6), 3, (builder, x) => new Linear("fc", 3).Apply(builder, Operations.Flatten(x)));
        Dictionary<string, double[]> parameters =
            new() { ["fc.weight"] = weight, ["fc.bias"] = explanation.BatchOfOne.Audit.Bias!.Values };
        StepInput input = new(
            images, explanation.Example.Labels, explanation.Settings.Seed, explanation.Settings.Step, parameters);
        using Backend backend = TestBackends.Reference();
        DropoutSettings dropout = new(rule, SiteSelection.All, sharing);
        return StepAudit.Run(network, dropout, input, backend, Precision.Float64).Layers[0];
    }

    private static int Count(XElement matrix, string cssClass) =>
        matrix.Descendants().Count(element => Class(element) == cssClass);

    private static string? Class(XElement element) => (string?)element.Attribute("class");

    [GeneratedRegex("""(?:href=|url\()"?([^")]+)""")]
    private static partial Regex Address();
}
